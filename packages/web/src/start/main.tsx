import { render } from 'preact'
import { apiLink } from '../browser/home.js'
import { followTheme } from '../browser/theme.js'
import { Page } from '../view/page.js'

followTheme()
render(<Page />, document.getElementById('page')!)
void apiLink.open()
