import type { enControl } from './en-control.ts'

/** Chinese words of the pages of administrators. */
export const zhControl: typeof enControl = {
  titles: { people: '人员与密钥', keys: '程序密钥', audit: '操作日志' },
  buttons: {
    add: '添加',
    makeKey: '生成密钥',
    reset: '重置一次性密码',
    remove: '移除',
    revoke: '吊销',
    setRole: '设置角色',
  },
  columns: {
    name: '名称',
    role: '角色',
    scopes: '权限',
    madeBy: '创建人',
    expires: '到期',
    lastUsed: '最近使用',
    days: '有效天数（0 = 直到吊销）',
    action: '操作',
    who: '操作人',
    target: '对象',
    address: '来源地址',
    outcome: '结果',
  },
  role: { viewer: '查看者', officer: '值班员', engineer: '工程师', administrator: '管理员' },
  scope: {
    read: '读取',
    warnings: '确认预警',
    data: '修正数据',
    runs: '运行模拟',
    devices: '设备与密钥',
    people: '人员与密钥',
    audit: '读取日志',
  },
  outcome: { done: '完成', refused: '拒绝' },
  say: {
    shownOnce: (what) => `${what}只显示这一次，请立即记录或交付。`,
    passwordOf: (user) => `${user} 的一次性密码`,
    keyOf: (name) => `密钥 ${name} `,
    mustChange: '尚未设置密码',
    forever: '永不',
    notUsed: '尚未使用',
    times: (count) => `一分钟内 ${count} 次`,
  },
}
