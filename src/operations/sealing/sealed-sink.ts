/** A sealed file that a command writes its answer into as it comes: what was written is never plain on the disk. */
import { EncryptedFile } from "../../vault/sealed-file/encrypted-file.ts"
import type { SealingKey } from "../../vault/sealed-file/file-key.ts"

/** @throws {Fault} `sealed.exists`, `sealed.no-room`, `sealed.write-failed` */
export function sealedSink(path: string, key: SealingKey): { readonly write: (text: string) => Promise<void>; readonly close: () => void } {
  const file = EncryptedFile.create(path, key)
  return {
    write: (text) => {
      file.append(Buffer.from(text))
      return Promise.resolve()
    },
    close: () => file.close(),
  }
}
