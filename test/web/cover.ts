/** The cover of the album in the pictures of the page: ours, so that it may be shown. */

const lanterns = [
  [78, 76, 112, 15, '#ffd98a'],
  [152, 61, 142, 21, '#ffb35c'],
  [238, 66, 108, 13, '#ffe3a6'],
  [318, 81, 156, 18, '#ff9f4a'],
] as const

export const cover = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">
  <rect width="400" height="400" fill="#1d2b44"/>
  <rect y="150" width="400" height="90" fill="#2c4160"/>
  <rect y="210" width="400" height="60" fill="#7a5a6c"/>
  <rect y="244" width="400" height="30" fill="#d98a63"/>
  <path d="M0 40 Q60 92 118 70 T236 66 T400 84" fill="none" stroke="#0f1828" stroke-width="3"/>
  ${lanterns
    .map(
      ([x, wire, y, r, colour]) =>
        `<path d="M${x} ${wire}V${y - r}" stroke="#0f1828" stroke-width="2"/><circle cx="${x}" cy="${y}" r="${r * 2.2}" fill="${colour}" opacity=".16"/><ellipse cx="${x}" cy="${y}" rx="${r}" ry="${r * 1.15}" fill="${colour}"/>`,
    )
    .join('\n  ')}
  <path d="M0 274 L60 240 L120 272 L190 226 L262 270 L330 246 L400 274Z" fill="#16213a"/>
  <rect y="272" width="400" height="128" fill="#122033"/>
  <path d="M150 288h64M132 306h104M146 326h70M160 346h44" stroke="#d98a63" stroke-width="5" stroke-linecap="round" opacity=".55"/>
  <path d="M300 292h40M286 312h66M302 332h32" stroke="#ff9f4a" stroke-width="5" stroke-linecap="round" opacity=".4"/>
  <path d="M62 286h34M54 304h48M66 322h26" stroke="#ffd98a" stroke-width="4" stroke-linecap="round" opacity=".35"/>
  <text x="26" y="380" fill="#f6e7cf" font-family="Georgia, serif" font-size="27" letter-spacing="2">Slow Weather</text>
</svg>`
