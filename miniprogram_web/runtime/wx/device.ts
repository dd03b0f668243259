// What the phone says of itself.
import { read, write } from './storage'
import { call } from './call'

type NetworkListener = (state: { isConnected: boolean; networkType: string }) => void

const NORMAL_FONT = 16
const listeners = new Set<NetworkListener>()

export function getAppBaseInfo(): Record<string, unknown> {
  const size = Number(
    new URLSearchParams(location.search).get('font') ?? read('harness', 'font') ?? NORMAL_FONT,
  )
  return {
    SDKVersion: '3.8.0',
    version: '8.0.50',
    language: 'zh_CN',
    theme: 'light',
    enableDebug: false,
    host: { env: 'WeChat' },
    fontSizeSetting: size,
    fontSizeScaleFactor: size / NORMAL_FONT,
  }
}

export function setFontSize(size: number): void {
  write('harness', 'font', size)
}

export const getNetworkType = call('getNetworkType', () => ({ networkType: networkType() }))

export function onNetworkStatusChange(listener: NetworkListener): void {
  listeners.add(listener)
}

export function offNetworkStatusChange(listener?: NetworkListener): void {
  if (listener) listeners.delete(listener)
  else listeners.clear()
}

export function watchNetwork(): void {
  const tell = () => {
    for (const listener of listeners) {
      listener({ isConnected: navigator.onLine, networkType: networkType() })
    }
  }
  window.addEventListener('online', tell)
  window.addEventListener('offline', tell)
}

function networkType(): string {
  return navigator.onLine ? 'wifi' : 'none'
}
