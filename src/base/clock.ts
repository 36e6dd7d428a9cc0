/** Time is an argument everywhere below `operations`; this port is how the composition roots hand it in. */
export type Clock = { readonly nowMs: () => number }

export const systemClock: Clock = { nowMs: () => Date.now() }
