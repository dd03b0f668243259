// The keys of a list: `/` to the search box, `j` and `k` to the next row and the one before (Enter
// opens it, as any link), `?` to the help of the page. Nothing else of the desk is a script: without
// this one, Tab and Enter do all of it. What Chrome 86 knows.
'use strict'

const FIELDS = 'input, textarea, select, [contenteditable]'

/** The way into each row of the page's lists, from the top. */
const ways = () =>
    [...document.querySelectorAll('main tbody tr')]
        .map(row => row.querySelector('a[href]'))
        .filter(way => way && way.offsetParent)

/** Focus the row so many further down than where the focus is; from outside the lists, the first. */
const walk = steps => {
    const all = ways()
    const row = document.activeElement.closest('main tbody tr')
    const here = row ? all.findIndex(way => row.contains(way)) : -1
    const next = all[here < 0 ? 0 : Math.min(Math.max(here + steps, 0), all.length - 1)]
    if (next) next.focus()
}

const KEYS = {
    '/': () => {
        const box = document.getElementById('find')
        if (box) box.focus()
    },
    j: () => walk(1),
    k: () => walk(-1),
    '?': () => {
        const help = document.querySelector('main details.help')
        if (!help) return
        help.open = !help.open
        help.firstElementChild.focus()
    },
}

document.addEventListener('keydown', event => {
    const composing = event.isComposing || event.keyCode === 229 // an input method has the key
    const combined = event.ctrlKey || event.altKey || event.metaKey
    const act = Object.prototype.hasOwnProperty.call(KEYS, event.key) && KEYS[event.key]
    if (!act || composing || combined || event.target.closest(FIELDS)) return
    event.preventDefault()
    act()
})
