/** Longer lists are folded, so that what follows is not screens away. */
export const FOLDED_FROM = 6
