// @runtimes node
import * as assert from "uvu/assert";
import { isInnerHost } from "../../../core/http/inner-host.ts";
import { suite } from "../../harness.ts";

const test = suite("http/inner-host");

const INNER = `
  127.0.0.1 127.9.9.9 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
  100.64.0.1 100.127.255.255 192.0.0.192 198.18.0.1 224.0.0.1 255.255.255.255 2130706433 0x7f000001 0x7f.1
  0177.0.0.1 127.1 0 0xa9fea9fe 2852039166 [::1] [::] [::ffff:127.0.0.1] [::ffff:a9fe:a9fe] [::10.0.0.1]
  [64:ff9b::10.0.0.1] [fe80::1] [fec0::1] [fc00::1] [fd12:3456::1] [ff02::1] [2002:7f00:1::] [100::1]
  localhost LOCALHOST localhost. a.localhost 127.0.0.1. localhost.localdomain ip6-localhost ip6-loopback. ①②⑦.⓪.⓪.①
  [64:ff9b:1::7f00:1]
`
  .trim()
  .split(/\s+/);

const OUTER = `
  8.8.8.8 11.0.0.1 126.255.255.255 128.0.0.1 172.15.0.1 172.32.0.1 192.167.1.1 192.169.0.1 169.253.0.1
  100.63.255.255 100.128.0.1 198.17.0.1 198.20.0.1 223.255.255.255 16843009 [2606:4700::1111] [2a00::1]
  [64:ff9b::8.8.8.8] [::ffff:8.8.8.8] [2002:808:808::] registry.example localhost.example mylocalhost
  10.example
`
  .trim()
  .split(/\s+/);

const inner = (host: string) => isInnerHost(new URL(`http://${host}/`).hostname);

test("this machine, its network and its cloud are known, however they are written", () => {
  for (const host of INNER) {
    assert.ok(inner(host), host);
  }
});

test("addresses and names elsewhere are not", () => {
  for (const host of OUTER) {
    assert.not(inner(host), host);
  }
});

test.run();
