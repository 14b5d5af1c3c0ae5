import type { enGaps } from './en-gaps.ts'

/** Chinese words of a device's page. */
export const zhGaps: typeof enGaps = {
  titles: { gaps: '缺测', hours: '最近 48 小时', days: '最近 30 天' },
  buttons: { device: '缺测', open: '未补齐', all: '全部', setAside: '查看隔离数据' },
  columns: {
    series: '序列',
    from: '开始',
    to: '结束',
    missing: '缺少',
    arrived: '迟到',
    cause: '原因',
    state: '状态',
    request: '补发请求',
  },
  cause: {
    'never-arrived': '已发送，未到达',
    quarantined: '已到达，被隔离',
    'device-off': '设备未测或未发送',
    'store-late': '按时到达，入库较晚',
  },
  state: { open: '未补齐', closed: '已补齐', 'given-up': '已放弃' },
  request: {
    waiting: '等待答复',
    done: '已完成',
    refused: '设备拒绝',
    busy: '设备忙',
    'no-answer': '无答复',
    unreachable: '未连接',
    unsupported: '设备不支持补发',
  },
  say: {
    lasts: '持续中',
    notAsked: '未请求',
    times: (tries) => `${tries} 次`,
    complete: (share) => `到报率 ${share}`,
    notSummed: '尚无统计',
    readingBack: '服务器刚刚启动，正在读回已存数据，缺测可能尚未列全。',
    more: (count) => `仅显示最新 ${count} 条。`,
  },
  empty: {
    gaps: { sentence: '没有缺测。', reason: '应到的数据均已到达。', action: '显示全部缺测' },
    series: { sentence: '没有定时序列。', reason: '只有定时序列才会缺测。', action: '缺测如何判定' },
  },
}
