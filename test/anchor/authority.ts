/**
 * A time-stamp authority for tests, made with openssl: certificates of its own, and a server on loopback whose honest answers are those of `openssl ts -reply`.
 * What no such program gives away, a token that is signed by the wrong certificate or at the wrong time, is put together with `openssl cms`.
 */
import { execFileSync } from "node:child_process"
import { generateKeyPairSync, X509Certificate, type KeyObject } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { der, derTag, derUnsigned, partsOf, readDer } from "../../src/format/der.ts"
import { requireTool } from "../tools.ts"

export const needsOpenssl = requireTool("openssl")

/** A certificate with its key, in files. */
export type Identity = { readonly name: string; readonly certificate: string; readonly key: string }

export type IssueOptions = {
  readonly issuer?: Identity
  /** Lines of an extension section of openssl. */
  readonly extensions: string
  /** `YYMMDDHHMMSSZ`. */
  readonly from?: string
  readonly to?: string
  readonly rsa?: boolean
  /** Its issuer, of RSA, signs it by PSS. */
  readonly pss?: boolean
  /** Another certificate of the same name, number and key. */
  readonly twinOf?: Identity
}

export const caExtensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash"
export const stampExtensions = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping"

export function openssl(directory: string, args: readonly string[], input?: string): Buffer {
  const environment = { PATH: process.env["PATH"] ?? "", OPENSSL_CONF: "/dev/null" }
  return execFileSync("openssl", args, { cwd: directory, stdio: ["pipe", "pipe", "pipe"], env: environment, ...(input === undefined ? {} : { input }) })
}

let serial = 1

/** Certificates that are issued as asked, sensible or not. */
export class Certificates {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
    mkdirSync(directory, { recursive: true })
  }

  issue(name: string, { issuer, extensions, from = "200101000000Z", to = "490101000000Z", rsa = false, pss = false, twinOf }: IssueOptions): Identity {
    const { privateKey }: { readonly privateKey: KeyObject } = rsa
      ? generateKeyPairSync("rsa", { modulusLength: 2_048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" })
    const path = (end: string) => join(this.directory, `${twinOf ? "twin of " : ""}${name}.${end}`)
    const own: Identity = { name, certificate: path("pem"), key: path("key") }
    writeFileSync(own.key, twinOf ? readFileSync(twinOf.key) : privateKey.export({ type: "pkcs8", format: "pem" }))
    const { certificate, key } = issuer ?? own
    writeFileSync(path("index"), "")
    const number = twinOf ? new X509Certificate(readFileSync(twinOf.certificate)).serialNumber : (serial++).toString(16)
    writeFileSync(path("serial"), `${number.padStart(8, "0")}\n`)
    const config = `[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=${name}\n[ca]\ndefault_ca=one\n[one]\ndatabase=${path("index")}\nserial=${path("serial")}\n\
new_certs_dir=${this.directory}\ndefault_md=sha256\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n[extensions]\n${extensions}\n`
    writeFileSync(path("cnf"), config)
    openssl(this.directory, ["req", "-new", "-config", path("cnf"), "-key", own.key, "-out", path("csr")])
    const signing = issuer ? ["-cert", certificate] : ["-selfsign"]
    const asked = ["-config", path("cnf"), "-extensions", "extensions", "-startdate", from, "-enddate", to, "-keyfile", key, ...signing]
    const padding = pss ? ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] : []
    openssl(this.directory, ["ca", "-batch", "-notext", ...padding, ...asked, "-in", path("csr"), "-out", own.certificate])
    return own
  }
}

/** A certificate authority and one that it lets give time-stamps. */
export function makeIdentities(
  directory: string,
  options: { readonly rsa?: boolean } = {},
): { readonly pki: Certificates; readonly ca: Identity; readonly stamper: Identity } {
  const pki = new Certificates(directory)
  const ca = pki.issue("Test CA", { extensions: caExtensions, ...options })
  return { pki, ca, stamper: pki.issue("Test Authority", { issuer: ca, extensions: stampExtensions, ...options }) }
}

/** What `openssl ts -reply` answers to a request. */
export function honestAnswer(directory: string, { certificate, key }: Identity, request: Buffer, beside?: Identity): Buffer {
  const file = (name: string) => join(directory, name)
  writeFileSync(file("request.tsq"), request)
  if (!serialFiles.has(directory)) writeFileSync(file("stamp-serial"), "01\n")
  serialFiles.add(directory)
  const config = `[tsa]\nserial=${file("stamp-serial")}\nsigner_digest=sha256\ndefault_policy=${policy}\nother_policies=1.2.3.9\ndigests=sha256\naccuracy=secs:1\n\
ordering=no\ntsa_name=no\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n`
  writeFileSync(file("ts.cnf"), config)
  const chain = beside ? ["-chain", beside.certificate] : []
  const asked = ["-config", file("ts.cnf"), "-section", "tsa", "-queryfile", file("request.tsq"), "-signer", certificate, "-inkey", key, ...chain]
  openssl(directory, ["ts", "-reply", ...asked, "-out", file("answer.tsr")])
  return readFileSync(file("answer.tsr"))
}

const serialFiles = new Set<string>()
export const policy = "1.2.3.4.1"

export type Forged = { readonly digest: Uint8Array; readonly nonce?: Uint8Array | undefined; readonly at: Date; readonly policyBytes?: Buffer }

/** A token with any content, signed by any certificate, that is otherwise in order. */
export function forgedToken(
  directory: string,
  { certificate, key }: Identity,
  { digest, nonce, at, policyBytes = Buffer.from("2a030401", "hex") }: Forged,
): Buffer {
  const imprint = der(derTag.sequence, Buffer.from("300d06096086480165030402010500", "hex"), der(derTag.octetString, digest))
  const time = `${at.toISOString().slice(0, 19).replaceAll(/[-T:]/g, "")}Z`
  const one = derUnsigned(Uint8Array.of(1))
  const policyId = der(derTag.oid, policyBytes)
  const info = der(derTag.sequence, one, policyId, imprint, one, der(derTag.generalizedTime, Buffer.from(time)), ...(nonce ? [derUnsigned(nonce)] : []))
  writeFileSync(join(directory, "info.der"), info)
  const asked = ["-signer", certificate, "-inkey", key, "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-md", "sha256", "-cades", "-nosmimecap"]
  return openssl(directory, ["cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-in", "info.der", ...asked])
}

/** A granted answer around a token. */
export function granted(token: Buffer): Buffer {
  return der(derTag.sequence, der(derTag.sequence, der(derTag.integer, Uint8Array.of(0))), token)
}

/** The hash and the nonce of a request. */
export function requestParts(request: Buffer): { readonly digest: Buffer; readonly nonce: Buffer } {
  const [, imprint, nonce] = partsOf(readDer(request))
  return { digest: partsOf(imprint)[1]?.content ?? Buffer.alloc(0), nonce: nonce?.content ?? Buffer.alloc(0) }
}

export type Answering = (request: Buffer, response: ServerResponse) => Buffer | undefined

export type Authority = {
  readonly url: string
  readonly asked: Buffer[]
  /** Changes what it answers from now on. */
  answer: Answering
  readonly close: () => Promise<void>
}

/** Answers bytes with status 200; whoever answers nothing has said all to the response by itself, or says nothing. */
export async function serve(answer: Answering): Promise<Authority> {
  const asked: Buffer[] = []
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on("data", (part: Buffer) => parts.push(part))
    request.on("end", () => {
      const body = Buffer.concat(parts)
      asked.push(body)
      const bytes = authority.answer(body, response)
      if (bytes) response.writeHead(200, { "Content-Type": "application/timestamp-reply" }).end(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const authority: Authority = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`,
    asked,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return authority
}
