import { expect, test } from '@jest/globals'
import { acceptedLanguage, addressWith, ownPath, preferencesOf, readCookies } from './context.ts'

test('the language is that of the header with the highest weight that we have', () => {
  const asks = (header: string, language: string) => expect(acceptedLanguage(header)).toBe(language)
  asks('zh-CN,zh;q=0.9,en;q=0.8', 'zh')
  asks('de-DE,de;q=0.9,zh;q=0.2,en;q=0.7', 'en')
  asks('en;q=0,zh;q=0.1', 'zh')
  asks('fr', 'en')
  asks('', 'en')
})

test('the address goes before the cookie, and the cookie before the header', () => {
  const asked = (query: object, cookie: string) =>
    preferencesOf({ query: { ...query }, cookies: readCookies(cookie), acceptLanguage: 'en', userAgent: 'Mobile' })
  expect(asked({ lang: 'zh' }, 'gk_lang=en').language).toBe('zh')
  expect(asked({ lang: 'xx' }, 'gk_lang=zh; gk_theme=dark; gk_w=1024')).toEqual({
    ...{ language: 'zh', appearance: 'dark', viewport: 1024, zone: 'UTC' },
  })
  expect(asked({ lang: ['zh'] }, 'gk_w=1e9; gk_theme=pink')).toEqual({ language: 'en', appearance: 'system', viewport: 390, zone: 'UTC' })
  expect(asked({}, 'gk_z=Asia/Shanghai').zone).toBe('Asia/Shanghai')
  expect(asked({}, 'gk_z=Mars/Olympus').zone).toBe('UTC')
})

test('only a path of ours is gone on to', () => {
  const goes = (given: unknown, path: string) => expect(ownPath(given)).toBe(path)
  goes('/w/w-1?evidence=now', '/w/w-1?evidence=now')
  goes('//evil.example', '/')
  goes('/\\evil.example', '/')
  goes('https://evil.example', '/')
  goes('/a\r\nset-cookie: x', '/')
  goes(['/w'], '/')
})

test('an address keeps what is not changed', () => {
  expect(addressWith('/s/a?series=b&range=5d', { range: '24h' })).toBe('/s/a?series=b&range=24h')
  expect(addressWith('/?show=silent', { show: null })).toBe('/')
})
