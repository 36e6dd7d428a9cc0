/**
 * Turns any value into bounded JSON text, on the host's thread inside the gateway: it never throws, never changes the value, and its cost follows
 * `maxBytes`, not the size of the value. Two costs are the engine's and follow the value all the same: flattening a text the host
 * concatenated, and listing the keys of one object.
 *
 * The ordinary payload takes the quick way of `plain.ts`. Anything else goes through `BoundedWriter`: first whole, and only when that does not
 * fit with every value held to a share of what is left, so that one huge text does not push out what stands behind it.
 *
 * Members are read, so accessors run: twice for a payload that is plain and fits, a few times for one that is not. `toJSON` is never called.
 */
import { BoundedWriter } from "./bounded-writer.ts"
import { unreadableMark } from "./cut-marks.ts"
import { plainJson } from "./plain.ts"

/** Smaller bounds are taken as this one: it holds any mark. */
export const leastBoundBytes = 256

export type Encoded = {
  /** JSON of at most the bound in UTF-8 bytes, well-formed. */
  readonly text: string
  /** Set when anything was left out. `fromBytes` is the least the whole would have taken: what was left out is counted, not encoded. */
  readonly cut?: { readonly fromBytes: number }
}

export function encodeBounded(value: unknown, maxBytes: number): Encoded {
  const boundBytes = Math.max(leastBoundBytes, maxBytes)
  let mayFit = true
  try {
    const plain = plainJson(value, boundBytes)
    if (typeof plain === "object") return { text: plain.text }
    mayFit = plain === "not-plain"
  } catch {
    // A payload that throws when it is looked at: the writer marks the member that does and keeps the rest.
  }
  try {
    const whole = mayFit ? new BoundedWriter("whole").encode(value, boundBytes) : undefined
    return whole !== undefined && whole.cut === undefined ? whole : new BoundedWriter("shared").encode(value, boundBytes)
  } catch {
    // Only an engine without stack or memory gets here, and the host's thread must go on.
    return { text: `"${unreadableMark}"`, cut: { fromBytes: leastBoundBytes } }
  }
}
