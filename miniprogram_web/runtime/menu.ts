// What is behind the title bar's three dots.
import { life, topPage } from './pages'
import { ask, lines, shell } from './shell'
import { setFontSize } from './wx/device'

export function useMenu(): void {
  shell.menu.addEventListener('click', () => void openMenu())
}

async function openMenu(): Promise<void> {
  const chosen = await ask('更多', lines('页面的功能，和微信右上角的菜单一样。'), [
    ...('onShareAppMessage' in topPage().page ? [{ text: '转发给朋友', value: 'share' }] : []),
    ...('onPullDownRefresh' in topPage().page ? [{ text: '下拉刷新', value: 'refresh' }] : []),
    { text: '字体大小', value: 'font' },
    { text: '关闭', value: 'close', primary: true },
  ])
  if (chosen === 'share') await share('menu')
  if (chosen === 'refresh') life(topPage(), 'onPullDownRefresh')
  if (chosen === 'font') await askFontSize()
}

async function askFontSize(): Promise<void> {
  const size = await ask('微信字体大小', lines('相当于微信“我-设置-通用-字体大小”，页面会重新打开。'), [
    { text: '标准', value: 16 },
    { text: '大', value: 20 },
    { text: '特大', value: 24 },
  ])
  if (size !== null) {
    setFontSize(size)
    location.reload()
  }
}

/** Asks the page for its card and shows it; nothing leaves the machine. */
export async function share(from: 'button' | 'menu', target?: HTMLElement): Promise<void> {
  const open = topPage()
  const card = (life(open, 'onShareAppMessage', { from, target }) ?? {}) as Record<string, string>
  await ask('转发给朋友', lines(card.title ?? open.title, card.path ?? open.unit.path), [
    { text: '好', value: true, primary: true },
  ])
}
