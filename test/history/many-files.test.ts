/** Thousands of transcripts, as a host has them that a team has used for a year; `npm run soak -- many-files` takes sixty thousand. */
import { test } from "node:test"
import { makeHome } from "../cli/home.ts"
import { importManyFiles } from "./many-files-run.ts"

/** Five thousand of them in one directory. What costs time is the making and the recording, not the looking. */
const files = 8_000
const mostMb = 300

test("thousands of transcripts are found and imported, each call once, in bounded memory, and not read again", async (t) => {
  await importManyFiles(makeHome(t), files, mostMb)
})
