/** Facts published by others about witnesses, each under `source`: what our bytes have to agree with. */
import { readFileSync } from "node:fs"
import { join } from "node:path"

type Vectors = {
  readonly cosigned: {
    readonly checkpoint: string
    readonly logKey: string
    readonly timeSeconds: number
    readonly witnesses: readonly { readonly key: string; readonly line: string }[]
  }
  readonly example: {
    readonly cosignature: string
    readonly timeSeconds: number
    readonly checkpointText: string
    readonly cosignedText: string
    readonly request: string
    readonly response: string
  }
  readonly race: {
    readonly logKey: { readonly origin: string; readonly publicKeyHex: string }
    readonly witness: { readonly name: string; readonly seedHex: string; readonly publicKeyHex: string }
    readonly first: string
    readonly toThree: string
    readonly toFive: string
    readonly rootOfFiveHex: string
  }
  readonly toldSizes: { readonly rows: readonly (readonly [string, string, number | null])[] }
  readonly keys: { readonly rows: readonly (readonly [string, string])[]; readonly badWitnessKeys: readonly string[] }
  readonly times: { readonly rows: readonly (readonly [string, number | null])[] }
}

export const published = JSON.parse(readFileSync(join(import.meta.dirname, "witness.json"), "utf8")) as Vectors
