/** Parts that, repeated, make a pattern of the redaction try and fail at every place of a text. */
import { nouns } from "../../src/capture/redaction/name-words.ts"
import { spokenFinders } from "../../src/capture/redaction/spoken-finders.ts"
import { tokenRows } from "../../src/capture/redaction/token-rows.ts"

const fillings = ["", "a", "A1b2_/", " ", "%3D", "a1".repeat(20)]
const separators = ["=", ": ", '="', "='", '=\\"', "=$", "=<", "=x&y;", ": Bearer ", ": Digest ", ": a=", "\n", "=`"]
const oddities = [
  ...["://", "a://b:", "http://a:b/", "x@tcp(", "1234567890:", "abandon ", "zoo, ", "abc ", "<password>", "eyJ.", "eyJa.eyJa.", "密码：", "\u0000", "…["],
  ...["-----BEGIN PRIVATE KEY-----", `-----BEGIN PRIVATE KEY-----${" ".repeat(300)}`, "-----END ", `aws ${"A".repeat(39)} `, "curl -u a:", "-u a:b "],
  ...["password for a b c ", "name: a_b value: ", "echo a | sudo -S ", "token%3D%41", "a=", "&quot;password&quot;:&quot;", "/AKIA", "mBearer "],
]

/** By what they are made for. */
export const hostileParts: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries([...tokenRows, ...spokenFinders].map(({ starts }) => [starts[0] ?? "", fillings.map((filling) => (starts[0] ?? "") + filling)])),
  assignments: nouns.flatMap(({ words }) => separators.map((separator) => (words[0] ?? "") + separator)),
  "addresses, blocks, phrases and sentences": oddities.flatMap((oddity) => [oddity, `${oddity}x`]),
}

export function filled(part: string, length: number): string {
  return part.repeat(Math.ceil(length / part.length)).slice(0, length)
}
