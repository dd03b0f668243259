/** The phone's storage, one JSON value under each name; a full or broken storage is an empty one. */

export function recall<T>(name: string): T | null {
  try {
    const value: unknown = wx.getStorageSync(name)
    return value === '' || value === undefined ? null : (value as T)
  } catch {
    return null
  }
}

export function keep(name: string, value: unknown): void {
  try {
    wx.setStorageSync(name, value)
  } catch {
    // Nothing that is kept here is needed to go on.
  }
}

export function forget(name: string): void {
  try {
    wx.removeStorageSync(name)
  } catch {
    // It is gone, or never was there.
  }
}
