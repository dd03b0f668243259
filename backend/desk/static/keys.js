// The keys of a list: `/` to the search box, `j` and `k` to the next row and the one before (Enter
// opens it, as any link), `?` to the help of the page. Nothing else of the desk is a script: without
// this one, Tab and Enter do all of it. What Chrome 86 knows.
'use strict'

const FIELDS = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])'

/** The way into each row of the page's lists, from the top. */
const ways = () =>
    [...document.querySelectorAll('main tbody tr')]
        .map(row => row.querySelector('a[href]'))
        .filter(way => way && way.offsetParent)

/** Focus the way into the next row, or (`back`) the one before; from outside the lists, the first. */
const walk = back => {
    const all = ways()
    const row = document.activeElement && document.activeElement.closest('main tbody tr')
    const from = bit => way => !row.contains(way) && row.compareDocumentPosition(way) & bit
    const before = row ? all.filter(from(Node.DOCUMENT_POSITION_PRECEDING)) : []
    const after = row ? all.filter(from(Node.DOCUMENT_POSITION_FOLLOWING)) : all
    const next = back && row ? before[before.length - 1] : after[0]
    if (next) next.focus()
}

const KEYS = {
    '/': () => {
        const box = document.getElementById('find')
        if (box) box.focus()
    },
    j: () => walk(false),
    k: () => walk(true),
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
    const key = event.key.toLowerCase() // Caps Lock
    const act = Object.prototype.hasOwnProperty.call(KEYS, key) && KEYS[key]
    const writes = event.target instanceof Element && event.target.closest(FIELDS)
    if (!act || composing || combined || writes) return
    event.preventDefault()
    act()
})
