/** Loaded before every suite: writes each test's name, at once, to where the runner reads it, so that a crash can be put down to a test. */
import { writeSync } from "node:fs"
import { beforeEach } from "node:test"
import { marksDescriptor } from "./test-report.ts"

beforeEach((test) => {
  writeSync(marksDescriptor, `${test.filePath ?? ""}\t${test.name}\n`)
})
