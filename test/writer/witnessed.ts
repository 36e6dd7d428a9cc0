/** A ledger with its writer and a witness with its server, each a process of its own, for tests of both. */
import assert from "node:assert/strict"
import type { TestContext } from "node:test"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { keyStoreExists, readKeyStore } from "../../src/vault/key-store.ts"
import { makeWitnessHome, type Served, type WitnessHome } from "../witness/served.ts"
import { gateCall } from "./load.ts"
import { makeRig, until, type Rig } from "./rig.ts"

export type Side = { readonly rig: Rig; readonly home: WitnessHome; served: Served }

export const keyOf = (rig: Rig) => (keyStoreExists(rig.directory) ? readKeyStore(rig.directory).verifierKey : "")
export const named = ({ served }: Side) => `${served.verifierKey} ${served.url}`
export const idOf = (served: Served) => served.verifierKey.split("+").slice(0, 2).join("+")
export const flagsOf = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]

export async function makeSide(t: TestContext): Promise<Side> {
  const home = makeWitnessHome(t)
  return { rig: makeRig(t), home, served: await home.serve() }
}

/** Has the witness of one side watch the ledger of the other. */
export async function watch({ home }: Side, rig: Rig): Promise<void> {
  const said = await home.run(["witness", "add", "--state", home.state, "--key", keyOf(rig)])
  assert.deepEqual([said.exit, said.stdout, said.stderr], [0, `${keyOf(rig).split("+")[0]} is watched, by the key ${keyOf(rig)}.\n`, ""])
}

export async function record(rig: Rig, call: string): Promise<void> {
  const client = rig.client({}, () => Promise.resolve(rig.link({ program: undefined })))
  await gateCall(client, call)
  client.close()
}

/** Stores a checkpoint now; answers its size. */
export async function checkpoint(rig: Rig): Promise<number> {
  const { size } = (await askWriter(rig.link({ program: undefined }), "checkpoint")) as { readonly size: number }
  return size
}

export async function witnessedUpTo(rig: Rig, size: number): Promise<void> {
  await until(async () => (await rig.status()).witnesses.some((one) => one.state === "agrees" && one.seenSize >= size), `size ${size} is cosigned`)
}

export async function stateOf(rig: Rig, state: string): Promise<void> {
  await until(async () => (await rig.status()).witnesses.some((one) => one.state === state), `the witness is heard: ${state}`)
}

export async function stopped({ session }: Served): Promise<void> {
  session.child.kill("SIGTERM")
  assert.equal((await session.ended).exit, 0)
}
