// The `wx` that a page sees. What is not in this table is undefined, and the build says so first.
import { getAppBaseInfo, getNetworkType, offNetworkStatusChange, onNetworkStatusChange } from './device'
import {
  canvasToTempFilePath,
  chooseMedia,
  makePhoneCall,
  openDocument,
  previewImage,
  scanCode,
  setClipboardData,
} from './media'
import { downloadFile, request, uploadFile } from './network'
import { login, requestSubscribeMessage } from './people'
import { getPrivacySetting, openPrivacyContract, requirePrivacyAuthorize } from './privacy'
import { createSelectorQuery } from './query'
import {
  hideLoading,
  hideToastCall,
  navigateBack,
  navigateTo,
  pageScrollTo,
  reLaunch,
  redirectTo,
  setNavigationBarTitle,
  showLoading,
  showModal,
  showToast,
  stopPullDownRefresh,
} from './screen'
import { getStorageSync, removeStorageSync, setStorageSync } from './storage'

export const CALLS = {
  /** Where a page may keep files. */
  env: { USER_DATA_PATH: 'usr:' },
  canvasToTempFilePath,
  chooseMedia,
  createSelectorQuery,
  downloadFile,
  getAppBaseInfo,
  getNetworkType,
  getPrivacySetting,
  getStorageSync,
  hideLoading,
  hideToast: hideToastCall,
  login,
  makePhoneCall,
  navigateBack,
  navigateTo,
  offNetworkStatusChange,
  onNetworkStatusChange,
  openDocument,
  openPrivacyContract,
  pageScrollTo,
  previewImage,
  reLaunch,
  redirectTo,
  removeStorageSync,
  request,
  requestSubscribeMessage,
  requirePrivacyAuthorize,
  scanCode,
  setClipboardData,
  setNavigationBarTitle,
  setStorageSync,
  showLoading,
  showModal,
  showToast,
  stopPullDownRefresh,
  uploadFile,
}
