import { publicAddresses, refusedAddresses } from './contract/refused-addresses.js';
import { isPublicAddress, parseAddress } from './is-public-address.js';

const isPublic = (text: string): boolean => {
  const address = parseAddress(text);
  return address !== undefined && isPublicAddress(address);
};

describe('an address is public', () => {
  it.each(publicAddresses)('when anybody could reach it: %s', (text) => expect(isPublic(text)).toBe(true));
  it.each(refusedAddresses)('but not %s: %s', (_what, text) => expect(isPublic(text)).toBe(false));
  it.each([
    '',
    'localhost',
    '8.8.8',
    '0x8.8.8.8',
    '010.8.8.8',
    '134744072',
    '8.8.8.8 ',
    '2606:4700::1%eth0',
    '8.8.8.8.',
  ])('and not in a spelling that others read differently: %j', (text) => expect(isPublic(text)).toBe(false));
});
