import { upload } from '../../lib/api'
import { messageOf } from '../../lib/page'
import type { Uploaded } from '../../lib/types'

interface Photo {
  path: string
  state: 'sending' | 'done' | 'double' | 'failed'
  words: string
  uploaded: Uploaded | null
}

const DOUBLE = '和前面一张相同，没有加入，请删掉或另选一张'

/**
 * Photos that are sent as soon as they are chosen, one after the other: the service takes few at once
 * of one person. `change` tells {photos: Uploaded[], busy, failed}: those that arrived, whether one
 * is still on its way, and how many did not get through.
 */
Component({
  properties: {
    label: { type: String, value: '照片' },
    hint: { type: String, value: '' },
    max: { type: Number, value: 6 },
  },
  data: { photos: [] as Photo[] },
  methods: {
    async choose() {
      const paths = await chosen(this.data.max - this.data.photos.length)
      for (const path of paths) this.put(onItsWay(path))
      for (const path of paths) {
        if (this.data.photos.some((photo) => photo.path === path)) await this.send(path)
      }
    },
    async again({ currentTarget }: WechatMiniprogram.TouchEvent) {
      await this.send(String(currentTarget.dataset['path']))
    },
    remove({ currentTarget }: WechatMiniprogram.TouchEvent) {
      const path = String(currentTarget.dataset['path'])
      this.show(this.data.photos.filter((photo) => photo.path !== path))
    },
    async send(path: string) {
      this.put(onItsWay(path))
      try {
        const uploaded = await upload(path)
        const double = this.data.photos.some(
          (photo) => photo.path !== path && photo.uploaded?.sha256 === uploaded.sha256,
        )
        if (double) this.put({ path, state: 'double', words: DOUBLE, uploaded: null })
        else this.put({ path, state: 'done', words: '已上传', uploaded })
      } catch (error) {
        this.put({ path, state: 'failed', words: messageOf(error), uploaded: null })
      }
    },
    /** Add or replace; a photo that was removed while it was sent stays away. */
    put(photo: Photo) {
      const { photos } = this.data
      const known = photos.some(({ path }) => path === photo.path)
      if (known) this.show(photos.map((old) => (old.path === photo.path ? photo : old)))
      else if (photo.state === 'sending') this.show([...photos, photo])
    },
    show(photos: Photo[]) {
      this.setData({ photos })
      this.triggerEvent('change', {
        photos: photos.flatMap(({ uploaded }) => uploaded ?? []),
        busy: photos.some(({ state }) => state === 'sending'),
        failed: photos.filter(({ state }) => state === 'failed').length,
      })
    },
  },
})

const onItsWay = (path: string): Photo => ({
  path,
  state: 'sending',
  words: '正在上传…',
  uploaded: null,
})

function chosen(count: number): Promise<string[]> {
  return new Promise((resolve) => {
    wx.chooseMedia({
      count,
      mediaType: ['image'],
      sourceType: ['camera', 'album'],
      sizeType: ['original', 'compressed'],
      success: ({ tempFiles }) => resolve(tempFiles.map(({ tempFilePath }) => tempFilePath)),
      fail: () => resolve([]),
    })
  })
}
