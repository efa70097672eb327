const pattern =
  /^P(?=\d|T\d)(?:(\d{1,6})W|(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?)$/;
const seconds = [604_800, 86_400, 3_600, 60, 1];

/** Milliseconds of an ISO 8601 duration; undefined when it is none, or counts in months or years, which have no one length. */
export function isoDurationMs(text: string): number | undefined {
  const parts = pattern.exec(text)?.slice(1);
  return parts?.reduce((sum, part, at) => sum + Number(part ?? 0) * (seconds[at] ?? 0) * 1000, 0);
}
