/** Commands beside a writer that appends and stores checkpoints all the time: what it does between two of their looks is no damage. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { startLoad } from "./load.ts"
import { makeRig, until } from "./rig.ts"
import { builtVersion } from "./versions.ts"

const rounds = 5

test("status and verify raise no alarm beside a writer that stores checkpoints", async (t) => {
  const rig = makeRig(t)
  const { cli } = await builtVersion("1.2.3")
  const client = rig.client()
  const load = startLoad(client, "beside", { gates: 2 })
  t.after(load.end)
  await until(() => load.answered.length > 10, "there is a load")
  const link = rig.link({ program: undefined })
  let going = true
  const checkpoints = async () => {
    for (let stored = 0; ; stored++) {
      if (!going) return stored
      await askWriter(link, "checkpoint")
    }
  }
  const storing = checkpoints()
  const places = ["--json", "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
  const alarms: string[] = []
  for (let round = 0; round < rounds; round++) {
    const [status, verify] = await Promise.all([rig.run(["status", ...places], { cli }), rig.run(["verify", ...places], { cli })])
    const { integrity } = JSON.parse(status.stdout) as { integrity: { headNote: string } }
    const { verdict, problems } = JSON.parse(verify.stdout) as { verdict: string; problems: unknown }
    if (status.status !== 0 || integrity.headNote !== "agrees") alarms.push(`status: ${integrity.headNote}`)
    if (verify.status !== 0 || verdict !== "valid") alarms.push(`verify: ${verdict} ${JSON.stringify(problems)}`)
  }
  going = false
  assert.ok((await storing) > rounds, "checkpoints were stored meanwhile")
  await load.stop()
  assert.deepEqual(alarms, [])
})
