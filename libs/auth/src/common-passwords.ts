/** The ones of eight and more characters that every guessing list starts with; shorter ones fail by length. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `password password1 password12 password123 password1234 password! password1! password123! passw0rd p@ssword
  p@ssw0rd p@ssw0rd1 p@ssword1 12345678 123456789 1234567890 12345678910 0123456789 87654321 987654321 0987654321
  123123123 12341234 11223344 1122334455 11111111 111111111 00000000 22222222 55555555 66666666 77777777 88888888
  99999999 aaaaaaaa qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 qwertz123 azertyuiop 1q2w3e4r
  1q2w3e4r5t 1qaz2wsx zaq12wsx qazwsxedc q1w2e3r4 q1w2e3r4t5 asdfghjk asdfghjkl asdf1234 zxcvbnm1 abcdefgh
  abcd1234 abc12345 a1b2c3d4 aa123456 a1234567 iloveyou iloveyou1 sunshine princess princess1 football football1
  baseball basketball superman batman123 trustno1 michelle jennifer computer internet whatever starwars welcome1
  welcome123 welcome1! letmein1 letmein123 letmein! changeme changeme1 changeme123 changeit admin123 admin1234
  admin12345 administrator root1234 rootroot default1 secret123 test1234 testtest guest123 master123 monkey123
  dragon123 shadow123 samsung1 liverpool chocolate corvette mustang1 charlie1 jordan23 switchyard`.split(
    /\s+/,
  ),
);
