/** Every crime that a drill commits, in the order it is shown. A new one is a row in a file of `crimes/`. */
import type { Crime } from "./crime.ts"
import { fileCrimes } from "./crimes/file-crimes.ts"
import { historyCrimes } from "./crimes/history-crimes.ts"
import { keyCrimes } from "./crimes/key-crimes.ts"
import { rowCrimes } from "./crimes/row-crimes.ts"
import { signatureCrimes } from "./crimes/signature-crimes.ts"
import { viewCrimes } from "./crimes/view-crimes.ts"

export const crimes: readonly Crime[] = [...fileCrimes, ...rowCrimes, ...historyCrimes, ...signatureCrimes, ...keyCrimes, ...viewCrimes]
