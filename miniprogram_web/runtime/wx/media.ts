// Pictures and documents.
import { codesOnTheWall } from '../host'
import { ask, labelled, lines, make } from '../shell'
import { call, Failure } from './call'
import { fileOf, keepFile } from './files'
import { agree } from './privacy'

type ChooseMedia = { count?: number; mediaType?: string[]; sourceType?: string[] }

export const chooseMedia = call('chooseMedia', async (options: ChooseMedia) => {
  if (options.mediaType?.some((type) => type !== 'image')) throw new Error('only pictures here')
  await agree()
  const count = options.count ?? 9
  const input = make('input')
  input.type = 'file'
  input.accept = 'image/*'
  input.multiple = count > 1
  const chosen = await ask(
    '选择照片',
    labelled(`拍照或从相册选择，最多 ${count} 张`, input),
    [{ text: '取消', value: false }],
    (_, close) => input.addEventListener('change', () => close(true)),
  )
  const picked = [...(input.files ?? [])].slice(0, count)
  if (!chosen || picked.length === 0) throw new Failure('cancel')
  return {
    type: 'image',
    tempFiles: picked.map((file) => ({
      tempFilePath: keepFile(file, file.name),
      size: file.size,
      fileType: 'image',
    })),
  }
})

type OpenDocument = { filePath: string; fileType?: string; showMenu?: boolean }

export const openDocument = call('openDocument', async ({ filePath, fileType }: OpenDocument) => {
  const { name } = fileOf(filePath)
  if (!fileType || !name.endsWith(`.${fileType}`)) {
    throw new Error(`phones open "${name}" only with its type and its ending`)
  }
  const link = make('a', '', '打开文件')
  link.href = filePath
  link.target = '_blank'
  link.dataset.file = name
  await ask('文件', link, [{ text: '关闭', value: true }])
})

export const previewImage = call('previewImage', async ({ urls }: { urls: string[] }) => {
  const picture = make('img')
  picture.src = urls[0] ?? ''
  picture.alt = '图片'
  await ask('图片', picture, [{ text: '关闭', value: true }])
})

type ToTempFile = { canvas: HTMLCanvasElement; fileType?: string; quality?: number }

export const canvasToTempFilePath = call('canvasToTempFilePath', async (options: ToTempFile) => {
  const type = options.fileType === 'jpg' ? 'image/jpeg' : 'image/png'
  const blob = await new Promise<Blob | null>((resolve) =>
    options.canvas.toBlob(resolve, type, options.quality),
  )
  if (!blob) throw new Error('the canvas gives no picture')
  return { tempFilePath: keepFile(blob, type === 'image/png' ? 'canvas.png' : 'canvas.jpg') }
})

export const makePhoneCall = call('makePhoneCall', async ({ phoneNumber }: { phoneNumber: string }) => {
  const yes = await ask('拨打电话', lines(phoneNumber), [
    { text: '取消', value: false },
    { text: '呼叫', value: true, primary: true },
  ])
  if (!yes) throw new Failure('cancel')
})

export const scanCode = call('scanCode', async () => {
  const input = make('input')
  const body = document.createDocumentFragment()
  const codes = await codesOnTheWall()
  if (codes.length) {
    const wall = make('select')
    wall.append(new Option('不选，自己填', ''))
    for (const { title, text } of codes) wall.append(new Option(title, text))
    wall.addEventListener('change', () => (input.value = wall.value))
    body.append(labelled('墙上的二维码', wall))
  }
  body.append(labelled('二维码里的内容', input))
  const yes = await ask('扫一扫', body, [
    { text: '取消', value: false },
    { text: '确定', value: true, primary: true },
  ])
  if (!yes || !input.value.trim()) throw new Failure('cancel')
  return { result: input.value.trim(), scanType: 'QR_CODE', charSet: 'utf-8', path: '' }
})

export const setClipboardData = call('setClipboardData', async ({ data }: { data: string }) => {
  await navigator.clipboard?.writeText(data).catch(() => undefined)
})
