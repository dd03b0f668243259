// Phones that are put away after each test: a countdown would keep its page, and Node, alive.
import { afterEach } from 'node:test'
import { openPage as open } from '../../miniprogram_web/tester.mjs'

const opened = []

afterEach(() => opened.splice(0).forEach((phone) => phone.close()))

export async function openPage(page, options) {
  const phone = await open(page, options)
  opened.push(phone)
  return phone
}
