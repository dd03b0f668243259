/** The time of the rules: the sandbox's clock, as the last answer told it. */

export { now } from '../../runtime/host'
