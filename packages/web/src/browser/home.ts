/** The one house this page shows, connected. */
import { House } from '../house.js'
import { ApiLink } from './api-link.js'

export const apiLink: ApiLink = new ApiLink(() => house)
export const house = new House(
  (text) => apiLink.send(text),
  () => performance.now(),
)
