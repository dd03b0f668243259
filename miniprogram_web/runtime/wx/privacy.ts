// The platform's privacy guide: asked once per person, before the first call that needs it.
import { ask, lines } from '../shell'
import { call, Failure } from './call'
import { read, write } from './storage'

const KEY = 'privacy-agreed'
const CONTRACT = '《梯保用户隐私保护指引》'

/** Resolves when the person has agreed; fails as the platform does when they refuse. */
export async function agree(): Promise<void> {
  if (read('harness', KEY)) return
  const yes = await ask('用户隐私保护提示', lines(`请先阅读${CONTRACT}。同意后才能继续。`), [
    { text: '拒绝', value: false },
    { text: '同意', value: true, primary: true },
  ])
  if (!yes) throw new Failure('privacy permission is not authorized', { errno: 104 })
  write('harness', KEY, true)
}

export const requirePrivacyAuthorize = call('requirePrivacyAuthorize', agree)

export const getPrivacySetting = call('getPrivacySetting', () => ({
  needAuthorization: !read('harness', KEY),
  privacyContractName: CONTRACT,
}))

export const openPrivacyContract = call('openPrivacyContract', async () => {
  await ask(CONTRACT, lines('在微信里，这里打开在公众平台填写的指引。'), [
    { text: '好', value: true, primary: true },
  ])
})
