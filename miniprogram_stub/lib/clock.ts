/** The time of the rules. The web build puts the sandbox's settable clock in place of this module. */

export const now = (): number => Date.now()
