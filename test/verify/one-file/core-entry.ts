/** What is inside the one-file verifiers, to be called from tests as it is built. */
export { Buffer as Bytes } from "../../../src/verify/one-file/bytes.ts"
export { memorySource } from "../../../src/verify/byte-source.ts"
export { parsePins, joinPins } from "../../../src/verify/evidence/pins.ts"
export { examineSettled } from "../../../src/verify/one-file/examine-settled.ts"
