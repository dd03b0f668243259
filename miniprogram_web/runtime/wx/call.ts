// The form all asynchronous wx calls share: callbacks or a promise, and errMsg either way.
import { report } from '../problems'

export type Callbacks = {
  success?: (result: never) => void
  fail?: (problem: never) => void
  complete?: (result: never) => void
}
type Result = Record<string, unknown>

/** Why a call failed, and what its result carries besides errMsg. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly extra: Result = {},
  ) {
    super(message)
  }
}

/** Runs `work` and settles `options` as WeChat does; without callbacks it returns a promise. */
export function settle(
  name: string,
  options: Callbacks,
  work: () => Promise<Result | void> | Result | void,
): Promise<Result> | undefined {
  const done = (async () => {
    try {
      return { errMsg: `${name}:ok`, ...(await work()) }
    } catch (error) {
      const extra = error instanceof Failure ? error.extra : {}
      throw { errMsg: `${name}:fail ${(error as Error).message}`, ...extra }
    }
  })()
  const { success, fail, complete } = options as Record<string, ((r: unknown) => void) | undefined>
  if (!success && !fail && !complete) return done
  done
    .then(
      (result) => (success?.(result), result),
      (problem: unknown) => (fail?.(problem), problem),
    )
    .then((result) => complete?.(result))
    .catch(report)
  return undefined
}

/** A wx call made of an asynchronous function of its options. */
export function call<O extends object>(
  name: string,
  work: (options: O) => Promise<Result | void> | Result | void,
): (options?: O & Callbacks) => Promise<Result> | undefined {
  return (options = {} as O & Callbacks) => settle(name, options, () => work(options))
}
