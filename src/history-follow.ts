/** What a collector loads to follow a host's history: readers that go on where they were, in the process of the command. */
import type { KeyObject } from "node:crypto"
import { Followers } from "./history/follow/followers.ts"
import { prepareUnpacking } from "./history/stores/unpack-rows.ts"

/** @param pseudonymKey under which pseudonyms are made in events of everything; without it, usage alone is read */
export async function followers(pseudonymKey?: KeyObject): Promise<Followers> {
  // Without it rows are unpacked all the same, only more slowly.
  await prepareUnpacking().catch(() => {})
  return new Followers(pseudonymKey && (await import("./history-events.ts")).deepReadingUnder(pseudonymKey))
}
