// Which addresses are public. Everything a home router, a cloud's metadata service or this machine itself answers at is not.
import { BlockList, isIP } from "node:net"

/** From the IANA special-purpose registries (RFC 6890 and its updates): all that is not globally reachable. */
const SPECIAL_IPV4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
]

/** Of IPv6 only global unicast is public; within it, these are not. They carry or tunnel to other addresses. */
const SPECIAL_GLOBAL_IPV6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
]

const blockedIpv4 = new BlockList()
for (const [network, prefix] of SPECIAL_IPV4) blockedIpv4.addSubnet(network, prefix, "ipv4")
const globalIpv6 = new BlockList()
globalIpv6.addSubnet("2000::", 3, "ipv6")
const blockedIpv6 = new BlockList()
for (const [network, prefix] of SPECIAL_GLOBAL_IPV6) blockedIpv6.addSubnet(network, prefix, "ipv6")

/** True when a connection to this IP address leaves the owner's network for the open internet. Other text is not public. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !blockedIpv4.check(address, "ipv4")
    case 6:
      // Mapped (::ffff:a.b.c.d), unspecified, loopback, link-local, unique-local and multicast all lie outside 2000::/3.
      return globalIpv6.check(address, "ipv6") && !blockedIpv6.check(address, "ipv6")
    default:
      return false
  }
}
