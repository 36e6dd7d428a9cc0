/**
 * One question to one witness: will you cosign this checkpoint? Its answer is believed only as far as it proves itself: a cosignature by its pinned key;
 * a larger size than ours, or a proof it refuses, says that it has seen this ledger otherwise than it is here.
 */
import { problemOf } from "../base/fault.ts"
import { addCheckpointPath, addCheckpointText, toldSize } from "../format/add-checkpoint.ts"
import { parseSignedCheckpoint } from "../format/checkpoint.ts"
import { linesBy } from "../format/cosignature.ts"
import type { PinnedWitness } from "../format/witness.ts"
import { cosignatureChecker } from "../verify/cosignature.ts"

export type Checkpointed = { readonly size: number; readonly note: string }

/** Sends a POST; the composition root hands it in. Rejects when there is no answer. */
export type Post = (
  url: string,
  body: string,
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly contentType: string | undefined; readonly body: string }>

export type WitnessQuestion = {
  readonly witness: PinnedWitness
  /** The newest stored checkpoint: the one to cosign. Where the witness knows more than that, it is looked at again: another may have offered it meanwhile. */
  readonly head: () => Checkpointed
  /** What it is thought to have cosigned last; it corrects us. */
  readonly oldSize: number
  readonly proof: (oldSize: number, newSize: number) => readonly Uint8Array[]
  readonly post: Post
  readonly signal: AbortSignal
}

export type WitnessWord =
  | { readonly state: "agrees"; readonly size: number; readonly line: string; readonly timeS: number }
  // In what follows `size` is that of the checkpoint here.
  /** It cosigned more entries than there are here: this journal was put back from a copy, or cut. */
  | { readonly state: "is ahead"; readonly size: number; readonly seenSize: number }
  /** What it cosigned at that size is not what stands here. */
  | { readonly state: "saw another history"; readonly size: number; readonly seenSize: number }
  | { readonly state: "does not know this ledger" }
  | { readonly state: "does not trust its key" }
  | { readonly state: "answers wrongly"; readonly problem: string }
  | { readonly state: "could not be asked"; readonly problem: string }

export type WitnessState = WitnessWord["state"]

/** Others may ask it for the same ledger meanwhile, so it may correct us more than once. */
const mostCorrections = 4

export async function askWitness(question: WitnessQuestion): Promise<WitnessWord> {
  const { witness, head, proof, post, signal } = question
  let offered = head()
  let oldSize = Math.min(question.oldSize, offered.size)
  for (let asked = 0; asked <= mostCorrections; asked++) {
    const { size, note } = offered
    let reply: Awaited<ReturnType<Post>>
    try {
      reply = await post(`${witness.url}/${addCheckpointPath}`, addCheckpointText(oldSize, proof(oldSize, size), note), signal)
    } catch (error) {
      // Also when no proof can be made, because the journal is damaged: recording does not stop for that, and verify says what is wrong.
      return { state: "could not be asked", problem: problemOf(error) }
    }
    const told = reply.status === 409 ? toldSize(reply.contentType, reply.body) : undefined
    if (told === undefined || told === oldSize) return wordOf(witness, offered, oldSize, reply)
    if (told > size) {
      offered = head()
      if (told > offered.size) return { state: "is ahead", size: offered.size, seenSize: told }
    }
    oldSize = told
  }
  return { state: "answers wrongly", problem: "it tells another size every time" }
}

function wordOf(witness: PinnedWitness, { size, note }: Checkpointed, oldSize: number, { status, body }: Awaited<ReturnType<Post>>): WitnessWord {
  switch (status) {
    case 200:
      return cosignedWord(witness, size, note, body)
    case 403:
      return { state: "does not trust its key" }
    case 404:
      return { state: "does not know this ledger" }
    case 409:
      if (oldSize === size) return { state: "saw another history", size, seenSize: size }
      break
    case 422:
      if (oldSize > 0) return { state: "saw another history", size, seenSize: oldSize }
      break
  }
  return { state: "answers wrongly", problem: `status ${status} to a checkpoint of size ${size} from size ${oldSize}` }
}

function cosignedWord({ key }: PinnedWitness, size: number, note: string, body: string): WitnessWord {
  const check = cosignatureChecker(key)
  const text = parseSignedCheckpoint(note)?.text ?? ""
  for (const line of linesBy(key, body)) {
    const checked = check(line, text)
    if (checked.ok) return { state: "agrees", size, line, timeS: checked.timeS }
  }
  return { state: "answers wrongly", problem: "its answer holds no good cosignature by the pinned key" }
}
