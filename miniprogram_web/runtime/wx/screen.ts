// Calls that change what is on the screen.
import { goBack, push, relaunch, replace, setTitle } from '../pages'
import { ask, hideToast, lines, shell, showToast as toast } from '../shell'
import { call } from './call'

type Url = { url: string }

export const navigateTo = call('navigateTo', ({ url }: Url) => push(url))
export const redirectTo = call('redirectTo', ({ url }: Url) => replace(url))
export const reLaunch = call('reLaunch', ({ url }: Url) => relaunch(url))
export const navigateBack = call('navigateBack', ({ delta = 1 }: { delta?: number }) => goBack(delta))

export const setNavigationBarTitle = call('setNavigationBarTitle', ({ title }: { title: string }) =>
  setTitle(title),
)

export const stopPullDownRefresh = call('stopPullDownRefresh', () => undefined)

type Toast = { title: string; duration?: number; icon?: string; mask?: boolean }

export const showToast = call('showToast', ({ title, duration = 1500 }: Toast) => toast(title, duration))
export const hideToastCall = call('hideToast', () => hideToast())
export const showLoading = call('showLoading', ({ title }: Toast) => toast(title, 0))
export const hideLoading = call('hideLoading', () => hideToast())

type Modal = {
  title?: string
  content?: string
  showCancel?: boolean
  cancelText?: string
  confirmText?: string
  editable?: boolean
}

export const showModal = call('showModal', async (options: Modal) => {
  if (options.editable) throw new Error('an editable modal is not shimmed')
  for (const text of [options.cancelText ?? '', options.confirmText ?? '']) {
    if (text.length > 4) throw new Error(`"${text}" is longer than 4 characters`)
  }
  const cancel = { text: options.cancelText ?? '取消', value: false }
  const answer = await ask(options.title || '提示', lines(options.content ?? ''), [
    ...(options.showCancel === false ? [] : [cancel]),
    { text: options.confirmText ?? '确定', value: true, primary: true },
  ])
  return { confirm: answer === true, cancel: answer !== true, content: null }
})

type ScrollTo = { scrollTop?: number; selector?: string; offsetTop?: number; duration?: number }

export const pageScrollTo = call('pageScrollTo', ({ scrollTop, selector, offsetTop = 0 }: ScrollTo) => {
  if (selector === undefined) {
    shell.pages.scrollTop = scrollTop ?? 0
    return
  }
  const target = shell.pages.querySelector(`wx-page:not([hidden]) ${selector}`)
  if (!target) throw new Error(`nothing matches ${selector}`)
  target.scrollIntoView?.()
  shell.pages.scrollTop += offsetTop
})
