/** Secrets announced by what stands before them: flags of commands, blocks, words near a cloud's key, a sentence. */
import { secretName } from "./field-name.ts"
import { closingMarks, encodedAssigned, judged } from "./assignment.ts"
import { matchAt, type Finder, type Scanned, type Span } from "./finder.ts"
import { isBareSecret, isPlaceholder, looksRandom } from "./plausible.ts"
import { valueAt } from "./values.ts"

const mostCommand = 400
const flag = /--?([A-Za-z][\w-]{1,40})[ \t]{1,8}/y
const pairFlag = /(?:-u|-a|--(?:proxy-)?user|--auth|-U)(?:[ \t]{1,8}|=)?["']?([^\s:"'%]{1,128})[:%]([^\s"']{1,256})/y
const pairCommands = /(?:^|[\s;|&("'`/])(?:curl|wget|https?|xh|httpie|smbclient|rpcclient|ab|lftp)[ \t]/
const wordFlag = /-([apwP])([ \t]{0,4})["']?([^\s"']{3,256})/y

/** Flags of one letter take a password after some commands: some of them only when it follows at once, others only after a space. */
const wordFlags: readonly { readonly letter: string; readonly spaced: boolean; readonly commands: RegExp }[] = [
  { letter: "p", spaced: false, commands: /\b(?:mysql\w*|mariadb\w*|sshpass|mongo\w*|7z|rar|unrar)\b/ },
  { letter: "p", spaced: true, commands: /\b(?:sshpass|mongo\w*|(?:docker|podman|helm|az|nerdctl|crane)\b[^\n]{0,60}\blogin)\b/ },
  { letter: "a", spaced: true, commands: /\bredis-cli\b/ },
  { letter: "w", spaced: true, commands: /\bldap\w+\b/ },
  { letter: "P", spaced: true, commands: /\b(?:zip|unzip|sqlcmd|bcp|isql)\b/ },
  { letter: "P", spaced: false, commands: /\b(?:sqlcmd|bcp|unzip)\b/ },
]
const openssl = /-pass(?:in|out)?[ \t]{1,4}["']?pass:([^\s"']{1,256})/y

/** A flag and its value with a space between: `--password x`, `-u user:x`, `-px`. */
const flags: Finder = {
  starts: ["--", "-u", "-p", "-a", "-w", "-P", "-U"],
  find: (scanned, at) => {
    const { text } = scanned
    const before = text.charCodeAt(at - 1)
    if (at > 0 && before !== 32 && before !== 9 && before !== 10 && before !== 34 && before !== 39) return undefined
    const long = matchAt(flag, text, at)
    const name = long === undefined ? undefined : secretName(long[1] ?? "")
    if (long !== undefined && name !== undefined)
      return text.charAt(at + long[0].length) === "-" ? undefined : judged(scanned, at + long[0].length, name, "flag")
    const passed = matchAt(openssl, text, at)
    if (passed !== undefined) return last(at, passed, "password")
    const command = text.slice(Math.max(0, at - mostCommand), at)
    const pair = matchAt(pairFlag, text, at)
    if (pair !== undefined && pairCommands.test(command)) return isUserPair(pair) ? last(at, pair, "password") : undefined
    const word = matchAt(wordFlag, text, at)
    if (word === undefined || !wordFlags.some((row) => row.letter === word[1] && row.spaced === (word[2] !== "") && row.commands.test(command)))
      return undefined
    const value = word[3] ?? ""
    return isPlaceholder(value) || value.startsWith("-") || /^\d{1,5}(?::\d{1,5})?$/.test(value) ? undefined : last(at, word, "password")
  },
}

function isUserPair(match: RegExpExecArray): boolean {
  const password = match[2] ?? ""
  return !isPlaceholder(password) && !/^\d{1,5}$/.test(match[1] ?? "") && !password.startsWith("//")
}

/** The last group of a match that it ends. */
function last(at: number, match: RegExpExecArray, kind: string): Span {
  const end = at + match[0].length
  return { start: end - (match.at(-1)?.length ?? 0), end, kind }
}

const pemHead = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y
const mostPem = 16_384
const leastBody = 16

/** PEM blocks with a private key, also with escaped line breaks, also without their end. */
const pem: Finder = {
  starts: ["-----BEGIN "],
  find: (scanned, at) => {
    const { text, end } = scanned
    const head = matchAt(pemHead, text, at)
    if (head === undefined) return undefined
    const body = at + head[0].length
    if (scanned.pemEnd >= 0 && scanned.pemEnd < body) scanned.pemEnd = text.indexOf("-----END ", body)
    const foot = scanned.pemEnd
    if (foot >= 0 && foot - body < mostPem && foot < end) {
      const closed = text.indexOf("-----", foot + 9)
      const stop = closed >= 0 && closed - foot < 80 ? Math.min(end, closed + 5) : foot
      return lettersIn(text.slice(body, foot)) < leastBody ? undefined : { start: at, end: stop, kind: "private-key" }
    }
    // Cut: as far as it still looks like one.
    const rest = text.slice(body, Math.min(end, body + mostPem))
    const stop = rest.search(/[^A-Za-z0-9+/=\s\\:,.'"()<>@-]/)
    const seen = stop < 0 ? rest : rest.slice(0, stop)
    return lettersIn(seen) < leastBody ? undefined : { start: at, end: body + seen.length, kind: "private-key" }
  },
}

function lettersIn(text: string): number {
  const looked = text.slice(0, 256)
  return looked.replaceAll(/\\[nr]|[^A-Za-z0-9+/=]/g, "").length
}

const cloudWindow = 240
const cloudSecret = /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g

/** The 40 letters of an AWS secret, which only their neighbourhood gives away: a key id or the cloud's name stands shortly before. */
const cloud: Finder = {
  starts: ["aws", "AWS", "Aws", "AKIA", "ASIA", "Secret Access Key", "SecretAccessKey"],
  find: (scanned, at) => {
    const { text, end } = scanned
    const to = Math.min(end, at + cloudWindow)
    // What an earlier word has searched is not searched again; a key that began there may end here.
    const from = Math.max(at, scanned.cloudTo - 41)
    scanned.cloudTo = Math.max(scanned.cloudTo, to)
    if (to - from < 40) return undefined
    const near = text.slice(Math.max(0, from - 1), Math.min(end, to + 1))
    for (const match of near.matchAll(cloudSecret)) {
      if (/\d/.test(match[0]) && /[a-z]/.test(match[0]) && /[A-Z]/.test(match[0])) {
        const start = Math.max(0, from - 1) + match.index
        return { start, end: start + 40, kind: "aws-secret-key" }
      }
    }
    return undefined
  },
}

const sentence =
  /(password|passphrase|passwd|passcode|passwort|secret|token|credentials|(?:api|access|private|secret|wallet|signing|license)[ -]key|apikey)(?:[ \t]{1,4}(?:for|of|to|on)[ \t]{1,4}[\w.@-]{1,40}(?:[ \t][\w.@-]{1,40}){0,3})?[ \t]{1,4}(?:(?:is|was|will be|ist|est|es|->|→)(?: now| still)?[ \t:]{1,4})?/iy
const key = /["'`]?((?:0x)?[0-9a-fA-F]{32,128})(?![0-9a-zA-Z])/y
const verb = /(?:is|was|will be|ist|est|es|->|→)(?: now| still)?[ \t:]{1,4}$/i

/** What people write to each other: "the password for the router is …". */
const spoken: Finder = {
  starts: [
    "pass",
    "Pass",
    "PASS",
    "secret",
    "Secret",
    "token",
    "Token",
    "credentials",
    "api",
    "API",
    "access",
    "Access",
    "private",
    "Private",
    "wallet",
    "signing",
  ],
  find: (scanned, at) => {
    const { text, end } = scanned
    const said = matchAt(sentence, text, at)
    if (said === undefined) return undefined
    const name = secretName((said[1] ?? "").replace(" ", "-"))
    const from = at + said[0].length
    if (name === undefined || from >= end) return undefined
    const hex = name.kind === "private-key" || name.kind === "api-key" ? matchAt(key, text, from) : undefined
    if (hex !== undefined) return last(from, hex, name.kind)
    const isSaid = verb.test(said[0])
    if (!isSaid && name.kind !== "password") return undefined
    const value = valueAt(scanned, from, true)
    if (value === undefined) return undefined
    const written = text.slice(value.start, value.end)
    const kept = value.quoted ? written : written.slice(0, written.length - closingMarks(written))
    // In a sentence only what no word of any language looks like.
    const plain = /^[\p{L}'’-]+$/u.test(kept) && !value.quoted
    if (plain || (!isSaid && !looksRandom(kept)) || /\s/.test(kept) || !isBareSecret(kept, name, value.quoted ? "flag" : "text")) return undefined
    return { start: value.start, end: value.start + kept.length, kind: name.kind }
  },
}

const mostPiped = 300
const piped = /\b(?:echo|printf)[ \t]{1,4}(?:-\w{1,2}[ \t]{1,4}|["']%s(?:\\n)?["'][ \t]{1,4})?(["']?)([^"'|\n]{3,128}?)\1[ \t]{0,4}\|[^|\n]{0,100}$/

/** A password piped into a command that reads it: `echo … | sudo -S`. */
const pipes: Finder = {
  starts: ["sudo -S", "--password-stdin", "--with-token", "--passphrase-fd 0"],
  find: ({ text }, at) => {
    const from = Math.max(0, at - mostPiped)
    const match = piped.exec(text.slice(from, at))
    const secret = match?.[2] ?? ""
    if (match === null || isPlaceholder(secret)) return undefined
    const start = from + match.index + match[0].indexOf(secret, match[0].search(/\s/))
    return { start, end: start + secret.length, kind: "password" }
  },
}

const encoded: Finder = { starts: ["%3D", "%3d", "%22%3A", "%22%3a"], find: encodedAssigned }

export const spokenFinders: readonly Finder[] = [flags, pem, cloud, spoken, pipes, encoded]

/** The secret that a text hides when all of it is one half of a pair, as in lists of arguments: `user:password`. */
export function userPair(text: string): Scanned["text"] | undefined {
  const pair = /^[^\s:/]{1,128}:([^\s/][^\s]{0,255})$/.exec(text)
  return pair === null || isPlaceholder(pair[1] ?? "") || /^\d+$/.test(pair[1] ?? "") ? undefined : pair[1]
}
