/**
 * Every character there is, for properties about texts. The library's own (`unit: "binary"`) writes down all of them, a second and a hundred megabytes, for each
 * kind of text that is made of it.
 */
import fc from "fast-check"

const [firstSurrogate, surrogates, last] = [0xd800, 0x800, 0x10ffff]

export const anyCharacter: fc.Arbitrary<string> = fc.nat({ max: last - surrogates }).map(
  (n) => String.fromCodePoint(n < firstSurrogate ? n : n + surrogates),
  (text) => {
    const [character, ...more] = typeof text === "string" ? [...text] : []
    const point = character?.codePointAt(0) ?? -1
    if (more.length > 0 || point < 0 || (point >= firstSurrogate && point < firstSurrogate + surrogates)) throw new Error("not one character")
    return point < firstSurrogate ? point : point - surrogates
  },
)
