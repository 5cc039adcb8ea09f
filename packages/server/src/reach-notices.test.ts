import { expect, test } from "vitest"
import { reachNotices } from "./reach-notices.ts"

const REACH = {
  host: "0.0.0.0",
  url: "https://127.0.0.1:3473",
  addresses: ["127.0.0.1", "192.0.2.7", "fe80::1"],
  ownCertificate: undefined,
}

test("whoever listens everywhere is told what others call it", () => {
  expect(reachNotices(REACH)).toEqual(["They call it https://192.0.2.7:3473"])
  expect(reachNotices({ ...REACH, addresses: ["127.0.0.1"] })).toEqual([])
  expect(reachNotices({ ...REACH, host: "192.0.2.7", url: "https://192.0.2.7:3473" })).toEqual([])
})

test("a certificate of our own is named, because others do not know it", () => {
  const notices = reachNotices({ ...REACH, host: "192.0.2.7", ownCertificate: "/home/tls/certificate.pem" })
  expect(notices).toEqual([expect.stringContaining("trust /home/tls/certificate.pem")])
})
