import { describe, expect, test } from 'vitest';
import { blockList, inRanges, reachOf } from './address.ts';

describe('reachOf', () => {
  test.each([
    '169.254.169.254', '169.254.0.1', 'fe80::1', 'fe80::1%eth0', 'febf::1', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '::169.254.169.254', '64:ff9b::169.254.169.254', '64:ff9b::a9fe:a9fe', '64:ff9b:1::a9fe:a9fe',
    '2002:a9fe:a9fe::1', '::ffff:0:169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16', '', 'localhost', '300.1.1.1', '[fe80::1]',
  ])('%s is never contacted', (address) => {
    expect(reachOf(address)).toBe('never');
  });

  test.each([
    '127.0.0.1', '127.255.255.255', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '0.0.0.0', '0.1.2.3', '224.0.0.1', '239.255.255.255', '255.255.255.255', '198.18.0.1', '::', '::1', 'fc00::1', 'fd12:3456::1',
    'ff02::1', 'fec0::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.1.2.3', '64:ff9b::10.0.0.1', '2002:0a00:0001::', '::127.0.0.1', '2001:0:1::1', '[::1]',
  ])('%s only where it is listed', (address) => {
    expect(reachOf(address)).toBe('private');
  });

  test.each(['8.8.8.8', '172.32.0.1', '172.15.255.255', '100.63.255.255', '100.128.0.1', '192.167.1.1', '169.253.1.1', '2606:4700::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2002:0808:0808::1'])('%s is public', (address) => {
    expect(reachOf(address)).toBe('public');
  });
});

describe('ranges', () => {
  test('hold addresses, and the IPv4 address inside an IPv6 one', () => {
    const ranges = blockList(['10.0.0.0/8', 'fd00::/8']);
    expect(['10.1.2.3', '::ffff:10.1.2.3', '64:ff9b::a01:203', 'fd00::1', '11.0.0.1', 'fc00::1'].map((address) => inRanges(ranges, address))).toEqual([true, true, true, true, false, false]);
  });

  test.each(['10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'host/8', '10.0.0.0/', '/8', '10.0.0.0/-1', 'host.example/path'])('%s is none', (range) => {
    expect(() => blockList([range])).toThrow(RangeError);
  });
});
