/** What people ask about groups: which there are, who is in them, and how loud they are together. */
import { setMuted, setVolume } from './client-commands.js'
import { spreadGroupVolume } from './group-volume.js'
import { settable } from './notices.js'
import { changed, inGroup, noClient, type Performers, saved, withClient } from './workshop.js'

type GroupCommand =
  | 'setGroupVolume'
  | 'setGroupMuted'
  | 'renameGroup'
  | 'createGroup'
  | 'removeGroup'
  | 'moveClient'
  | 'isolateClient'

export const groupCommands: Performers<GroupCommand> = {
  setGroupVolume: (command, workshop, at) =>
    inGroup(command, workshop, (group) => {
      const members = settable(group.members, 'volume')
      if (members.length === 0) return { problem: 'no player of this group lets its volume be set' }
      const volumes = members.map((member) => member.volume ?? 100)
      if (command.keeps === 'distances') {
        const spread = spreadGroupVolume(volumes, command.volume)
        for (const [index, member] of members.entries()) setVolume(member, spread[index]!, workshop)
      } else {
        const byId = new Map(members.map(({ id }, index) => [id, volumes[index]!]))
        const scaled = group.volumeBalance.scale(byId, command.volume)
        for (const member of members) setVolume(member, scaled.get(member.id)!, workshop)
      }
      return changed(group, workshop, at)
    }),
  setGroupMuted: (command, workshop, at) =>
    inGroup(command, workshop, (group) => {
      const members = settable(group.members, 'mute')
      if (members.length === 0) return { problem: 'no player of this group can be muted' }
      for (const member of members) setMuted(member, command.muted, workshop)
      return changed(group, workshop, at)
    }),
  renameGroup: (command, workshop, at) =>
    inGroup(command, workshop, (group) => {
      group.givenName = command.name
      return changed(group, workshop, at)
    }),
  createGroup: ({ name, clients }, workshop, at) => {
    const { house } = workshop
    const unknown = clients.find((id) => house.member(id) === undefined)
    if (unknown !== undefined) return noClient(unknown)
    if (name === undefined && clients.length === 0) return { problem: 'an empty group needs a name' }
    const group = house.addGroup()
    group.givenName = name
    for (const id of clients) house.move(house.member(id)!, group, at)
    changed(group, workshop, at)
    return { group: group.id }
  },
  removeGroup: (command, workshop, at) =>
    inGroup(command, workshop, (group) => {
      if (!workshop.house.removeGroup(group, at)) return { problem: 'new clients come into this group; it must stay' }
      return saved(workshop)
    }),
  moveClient: (command, workshop, at) =>
    withClient(command, workshop, (member) =>
      inGroup(command, workshop, (group) => {
        workshop.house.move(member, group, at)
        return saved(workshop)
      }),
    ),
  isolateClient: (command, workshop, at) =>
    withClient(command, workshop, (member) => {
      const group = workshop.house.isolate(member, at)
      saved(workshop)
      return { group: group.id }
    }),
}
