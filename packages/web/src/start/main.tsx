import { render } from 'preact'
import { Page } from '../view/page.js'
import { apiLink } from '../browser/home.js'
import { followTheme } from '../browser/theme.js'

followTheme()
render(<Page />, document.getElementById('page')!)
void apiLink.open()
