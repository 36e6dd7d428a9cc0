/** Accidents with files that were put back from a copy, whole and each as good as it was: what of the ledger knows better. */
import { copyFileSync } from "node:fs"
import { keyOf, unseen, wrong, type Accident } from "./accident.ts"
import { putBackAfter, saved, sealAnew, underPassphrase } from "./accident-rig.ts"
import { asFormat1 } from "./earlier-keys.ts"

const outOfStep = [
  2,
  /^Keys and journal are of different times: keys\.json is of a time before the hand-over at entry #\d+: .+ has signed nothing since\.$/m,
] as const

/** Reading goes on by any key that opens the pages; whatever writes is refused. */
const earlier = {
  verify: [1, /✗ INVALID/],
  fsck: [1, /DAMAGED[^]*keys\.json: time[^]*keys\.json is of (?:a time before|format 1)/],
  "vault status": [1, /^Keys and journal are of different times: keys\.json is of (?:a time before|format 1).+\.\nPut both back from one moment;/m],
  "vault check": "works",
  "events list": "works",
} as const
const beforeRotation = [
  2,
  /^Keys and journal are of different times: keys\.json is of a time before entry #\d+, at which the master key \w{16} took the place of \w{16}; it is .+\.$/m,
] as const
const beforeRekey = [
  2,
  /^Keys and journal are of different times: \S+journal\.db begins with other bytes than keys\.json knows, .+ \(vault rekey\), or of another ledger\.$/m,
] as const

export const rolledBack: readonly Accident[] = [
  {
    name: "keys.json of before a rotation",
    happens: (ledger) => copyFileSync(saved(ledger, "before-rotation.json"), ledger.files.keys),
    says: wrong,
    but: unseen,
  },
  {
    name: "keys.json of before a hand-over",
    happens: (ledger) => copyFileSync(saved(ledger, "before-hand-over.json"), ledger.files.keys),
    says: outOfStep,
    but: earlier,
  },
  {
    name: "keys.json and the key file, both of before a rotation",
    happens: (ledger) => {
      copyFileSync(saved(ledger, "before-rotation.json"), ledger.files.keys)
      copyFileSync(saved(ledger, "before-rotation.key"), keyOf(ledger))
    },
    says: outOfStep,
    but: earlier,
  },
  {
    name: "keys.json and the key file, both of before the newest rotation",
    happens: (ledger) => putBackAfter(ledger, () => underPassphrase(ledger)),
    says: beforeRotation,
    but: earlier,
  },
  {
    name: "keys.json of before it had an authenticator, without its pins",
    happens: (ledger) => void asFormat1(ledger.directory, ledger.keys(), { fileSalts: {} }),
    says: [2, /^Keys and journal are of different times: keys\.json is of format 1, and was written as format 2 since\.$/m],
    but: earlier,
  },
  {
    name: "keys.json of before all data was sealed anew",
    happens: (ledger) => putBackAfter(ledger, () => sealAnew(ledger)),
    says: beforeRekey,
    but: { fsck: [1, /DAMAGED[^]*journal\.db begins with other bytes than keys\.json knows/], "vault status": [1, beforeRekey[1]], "vault check": "works" },
  },
]

/** Everything goes on, and `verify` says what can be read again. */
export const undone = {
  verify: [2, /\? UNVERIFIABLE[^]*#\d+ says that contents were erased, and scopes\.db still has keys of them: .+ erases them again, at once: /],
} as const
const backAgain = /^ *Contents that were erased can be read again: scopes\.db has keys of them \(erased at #\d+\), .+\.$/m

/** The first that writes erases it again. */
export const olderScopes: Accident = {
  name: "scopes.db of before an erasure",
  happens: (ledger) => copyFileSync(saved(ledger, "before-erasure.db"), ledger.files.scopes),
  says: "works",
  but: {
    ...undone,
    status: [1, backAgain],
    "vault status": [1, backAgain],
    fsck: [1, /DAMAGED[^]*scopes\.db: time[^]*can be read again: scopes\.db has keys of them/],
  },
}
