/** What the commands about sealed files load when they run: built, a file of its own, since no other command needs what it needs. */
import { sealAs, unsealKeys } from "./operations/sealing/keys.ts"
import { seal } from "./operations/sealing/seal.ts"
import { sealedSink } from "./operations/sealing/sealed-sink.ts"
import { unseal } from "./operations/sealing/unseal.ts"

export const sealing = { sealAs, unsealKeys, seal, unseal, sealedSink }
