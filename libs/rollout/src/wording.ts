const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const significant = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 });

export const countText = (count: number): string => number.format(count);

/** `8.1 %`, `0.03 %` */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${(percent !== 0 && percent < 0.1 ? significant : oneDigit).format(percent)} %`;
}

export const millisecondsText = (value: number): string =>
  `${(value < 10 ? oneDigit : number).format(value)} ms`;

/** `1 request`, `1,240 requests` */
export const counted = (count: number, noun: string): string =>
  `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
