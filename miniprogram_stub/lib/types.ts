/** Short names for the shapes of our API; `typings/api.d.ts` is generated from its description. */

import type { components } from '../typings/api'

type Schemas = components['schemas']

export type Lift = Schemas['PublicLiftOut']
export type Cover = Schemas['CoverOut']
export type LiftNotice = Schemas['NoticeOut']
export type PublicAccount = Schemas['PublicAccountOut']
export type NoticeText = Schemas['NoticeTextOut']
export type NoticePhoto = Schemas['NoticePhotoOut']
export type PublicObjection = Schemas['ObjectionOut']
export type Reason = Schemas['ReasonOut']
export type Emergency = Schemas['EmergencyOut']
export type City = Schemas['CityOut']
export type Uploaded = Schemas['UploadOut']

/** The frozen text of a notice, as it was made when the notice was drafted. Money in fen. */
export interface NoticeContent {
  title: string
  purchase: string
  estate: { name: string; address: string }
  places: string[]
  lifts: {
    registration_code: string
    address: string
    installed_on: string
    age_years: number
    premium_fen: number
  }[]
  route: string
  account: {
    name: string
    number: string
    available_fen: number
    used_fen: number
    left_fen: number
    text: string
  }
  insurer: { name: string; phone: string | null; chosen: string; criteria: string[] }
  cover: {
    text: string
    scope_of_cover: string
    exclusions: string
    sum_insured_fen: number
    deductible_fen: number
    service_commitments: string
  }
  vote?: string[]
  days: number
  how_to_object: string
  privacy: string
  centre: { name: string; phone: string }
}

export type Place = Schemas['PlaceOut']
export type PartInNotice = Schemas['PartInNoticeOut']
export type OwnVerifications = Schemas['OwnVerificationsOut']
export type JointApplications = Schemas['JointApplicationsOut']
export type MyVote = Schemas['MyVoteOut']
export type MyVotes = Schemas['MyVotesOut']
export type BallotCast = Schemas['CastOut']
export type PlanToAnswer = Schemas['PlanToAnswerOut']
export type PlansToAnswer = Schemas['PlansToAnswerOut']
export type GivenAnswer = Schemas['GivenAnswerOut']
export type GivenAnswers = Schemas['GivenAnswersOut']
export type Tally = Schemas['TallyOut']
export type Ways = Schemas['WaysOut']
export type Way = Schemas['WayOut']
export type Invitation = Schemas['InvitationOut']
export type OwnCase = Schemas['OwnCaseOut']
export type Doing = Schemas['DoingOut']
export type Signatures = Schemas['SignaturesOut']
export type Todo = Schemas['TodoOut']
export type Todos = Schemas['TodosOut']
export type ManagedEstate = Schemas['ManagedEstateOut']
export type EstateLift = Schemas['EstateLiftOut']
export type Insurer = Schemas['InsurerOut']
export type Case = Schemas['CaseOut']
export type Accounts = Schemas['AccountsOut']
export type EstateLifts = Schemas['EstateLiftsOut']
export type Insurers = Schemas['InsurersOut']
export type EstateForecast = Schemas['EstateForecastOut']
export type FiledObjection = Schemas['FiledObjectionOut']
export type OwnObjection = Schemas['OwnObjectionOut']
export type OwnObjections = Schemas['OwnObjectionsOut']
export type PostingGuide = Schemas['PostingGuideOut']
export type GivenPhoto = Schemas['HandedInOut']
export type Poster = Schemas['PosterOut']
export type AcceptedInvitation = Schemas['AcceptedInvitationOut']
export type DeskNumbers = Schemas['DeskNumbersOut']
export type DeskSessions = Schemas['DeskSessionsOut']
export type Me = Schemas['MeOut']
export type FlatAccount = Schemas['FlatAccountOut']
export type PhoneAnswer = Schemas['PhoneOut']
export type SubjectAccess = Schemas['SubjectAccessOut']
export type RectificationRequest = Schemas['RectificationRequestOut']
export type Departure = Schemas['DepartureOut']
export type Subscriptions = Schemas['SubscriptionsOut']
