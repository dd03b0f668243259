// Calls in which the platform vouches for a person.
import { act, templateTitles } from '../host'
import { ask, labelled, lastTap, lines, make } from '../shell'
import { call } from './call'
import { agree } from './privacy'

const TAP_LASTS = 5_000
const MOST_TEMPLATES = 3

export const login = call('login', async () => ({ code: (await act('login-code')).code }))

/** The event that <button open-type="getPhoneNumber"> gets. */
export async function askPhoneNumber(): Promise<Record<string, unknown>> {
  try {
    await agree()
  } catch (error) {
    return { errMsg: `getPhoneNumber:fail ${(error as Error).message}`, errno: 104 }
  }
  const yes = await ask('申请获取你的手机号', lines('梯保希望使用你微信绑定的手机号。'), [
    { text: '不允许', value: false },
    { text: '允许', value: true, primary: true },
  ])
  if (!yes) return { errMsg: 'getPhoneNumber:fail user deny' }
  return { errMsg: 'getPhoneNumber:ok', code: (await act('phone-code')).code }
}

type Subscribe = { tmplIds: string[] }

export const requestSubscribeMessage = call('requestSubscribeMessage', async (options: Subscribe) => {
  const { tmplIds } = options
  if (tmplIds.length < 1 || tmplIds.length > MOST_TEMPLATES) {
    throw new Error(`tmplIds must hold 1 to ${MOST_TEMPLATES} ids`)
  }
  if (Date.now() - lastTap > TAP_LASTS) throw new Error('can only be invoked by user TAP gesture.')
  const titles = await templateTitles()
  const boxes = tmplIds.map((id) => {
    const box = make('input')
    box.type = 'checkbox'
    box.checked = true
    box.value = id
    return box
  })
  const body = document.createDocumentFragment()
  for (const box of boxes) body.append(labelled(titles[box.value] ?? box.value, box))
  const yes = await ask('梯保想给你发送以下消息，每次同意只发一条', body, [
    { text: '取消', value: false },
    { text: '允许', value: true, primary: true },
  ])
  const answers = Object.fromEntries(
    boxes.map((box) => [box.value, yes && box.checked ? 'accept' : 'reject']),
  )
  await act('popup', { answers })
  return answers
})
