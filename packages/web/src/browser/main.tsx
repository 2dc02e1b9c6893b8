import { render } from 'preact'
import { Page } from '../view/page.js'
import { apiLink } from './home.js'
import { followTheme } from './theme.js'

followTheme()
render(<Page />, document.getElementById('page')!)
void apiLink.open()
