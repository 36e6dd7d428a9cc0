/**
 * Which addresses a web hook may be at: those of the public Internet, unless its operator lets it be nearer. What is not plainly public is not: private and
 * link-local networks, loopback, unique local addresses, those that carry another address in them, and what is reserved (IANA's registries of special addresses).
 */
import ipaddr from "ipaddr.js"

/** What the library does not tell apart: networks for benchmarks and documentation, hashes in the place of addresses, and the address of Azure for its own machines. */
const special = ["198.18.0.0/15", "168.63.129.16/32", "2001::/23", "3fff::/20"].map((range) => ipaddr.parseCIDR(range))
/** The first three bits of all addresses of version 6 that are given out (2000::/3, RFC 4291). */
const given = 0x2000

export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== "unicast" || special.some(([network, bits]) => isIn(parsed, network, bits))) return false
  return parsed instanceof ipaddr.IPv4 || ((parsed.parts[0] ?? 0) & 0xe000) === given
}

export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "loopback"
}

function isIn(address: ipaddr.IPv4 | ipaddr.IPv6, network: ipaddr.IPv4 | ipaddr.IPv6, bits: number): boolean {
  if (address instanceof ipaddr.IPv4) return network instanceof ipaddr.IPv4 && address.match(network, bits)
  return network instanceof ipaddr.IPv6 && address.match(network, bits)
}
