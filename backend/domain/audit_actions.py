"""What the audit chain calls what was done. One grammar, `subject.verb`, for good: links stay.

The steps of a purchase are `purchase.` and the action of the route's table (`of_step`).
"""

from enum import StrEnum
from typing import NewType, Self

# `purchase.apply`, `purchase.clear` …: an action of a route's table, see `domain.routes`.
StepTaken = NewType("StepTaken", str)


class AuditAction(StrEnum):
    """Everything that is written down beside the steps of a purchase, and what it means."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        """A member is its name in the chain; `meaning` is one line of English for auditors."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    # People and who they are.
    SESSION_OPEN = "session.open", "a person signed in"
    SESSION_CLOSE = "session.close", "a person signed out"
    SESSIONS_END = "session.end_all", "all sessions of a person were ended"
    DESK_SIGN_IN = "desk.sign_in", "a person signed in to the desk on a PC"
    DESK_REFUSE_SIGN_IN = (
        "desk.refuse_sign_in",
        "a code of the desk was answered wrongly, by somebody without an office, or used twice, or"
        " a sign-in by number was wrong",
    )
    DESK_SIGN_OUT = "desk.sign_out", "a person ended a session at the desk"
    DESK_EXPIRE = "desk.expire", "a session at the desk ended by itself"
    SECOND_FACTOR_ENROL = "second_factor.enrol", "an officer has an authenticator from now on"
    SECOND_FACTOR_PROVE = "second_factor.prove", "an officer showed the code of their authenticator"
    SECOND_FACTOR_REFUSE = (
        "second_factor.refuse",
        "a code of an authenticator was wrong or taken before",
    )
    SECOND_FACTOR_RESET = "second_factor.reset", "an officer's authenticator was taken away"
    PERSON_LOCK_OUT = (
        "person.lock_out",
        "a person is kept out: by an administrator, the server, or five wrong codes",
    )
    PERSON_LET_IN = "person.let_in", "the person may come in again"
    IDENTITY_JOIN = "identity.join", "two identities at the platform proved to be one person's"
    PHONE_VERIFY = "phone.verify", "the platform vouched for a person's phone"
    PHONE_REVOKE = (
        "phone.revoke",
        "a person took a shown phone back at the platform, and it is erased",
    )
    PHONE_TYPE = "phone.type", "a person typed a phone, which proves nothing"
    PHONE_LOOK_UP = "phone.look_up", "a clerk looked up whose phone a number is"
    OWNER_VERIFICATION_OPEN = "owner_verification.open", "a person said who they are on the roster"
    OWNER_VERIFICATION_UNMASK = "owner_verification.unmask", "a clerk looked at the full name"
    OWNER_VERIFICATION_CLOSE = "owner_verification.close", "a clerk verified or rejected it"
    OWNER_END = "owner.end", "an owner sold the flat: entered by a clerk, or said by the owner"
    OWNER_RESTORE = "owner.restore", "a clerk took back that an owner sold"
    RECTIFICATION_REQUEST_OPEN = (
        "rectification_request.open",
        "a person asked to correct what is kept about them",
    )
    RECTIFICATION_REQUEST_CLOSE = "rectification_request.close", "a clerk corrected it, or not"
    PERSON_DELETE_ACCOUNT = "person.delete_account", "a person left and was made nobody"
    GRANT_GIVE = "grant.give", "a role was granted within a scope"
    GRANT_DELEGATE = "grant.delegate", "somebody lets another do their work for a time"
    GRANT_REVOKE = "grant.revoke", "a granted role was taken back"
    INVITATION_GIVE = "invitation.give", "a keeper of rights invites somebody to scan a code"
    INVITATION_ACCEPT = "invitation.accept", "a person scanned the code of an invitation"
    INVITATION_REFUSE = (
        "invitation.refuse",
        "the number of whoever scanned was another one, or the code was used again: no right",
    )
    INVITATION_WITHDRAW = "invitation.withdraw", "a keeper took an invitation back"
    DESK_ACCOUNT_INVITE = (
        "desk_account.invite",
        "an administrator gave somebody without WeChat a number and a code, or a new code",
    )
    DESK_ACCOUNT_CONFIRM = (
        "desk_account.confirm",
        "another administrator, or the server, said that the invitation is meant",
    )
    DESK_ACCOUNT_BEGIN = "desk_account.begin", "the code was used, once"
    DESK_ACCOUNT_KEEP = "desk_account.keep", "the person has a passphrase from now on"

    # Beside the steps of a purchase.
    PURCHASE_PROPOSE_REFUND = "purchase.propose_refund", "the cashier entered money that came back"
    PURCHASE_REFUSE_REFUND = (
        "purchase.refuse_refund",
        "an officer says no to it, or takes it back",
    )
    PURCHASE_END_REFUND = (
        "purchase.end_refund",
        "it ended with its case, and nobody confirmed it",
    )
    PURCHASE_WAIVE_REFUND = (
        "purchase.waive_refund",
        "the cashier found that nothing comes back for a lift that was taken out",
    )
    PURCHASE_COSIGN = "purchase.cosign", "an owner signed an application together with others"
    PURCHASE_ENTER_COSIGNATURE = (
        "purchase.enter_cosignature",
        "a clerk entered the signature of an owner from paper",
    )
    PURCHASE_WITHDRAW_COSIGNATURE = (
        "purchase.withdraw_cosignature",
        "an owner took back a signature, or says that it is none",
    )
    PURCHASE_ENTER_PAPER = (
        "purchase.enter_paper",
        "a clerk entered what a paper says, for another one to compare",
    )
    PURCHASE_COMPARE_PAPER = (
        "purchase.compare_paper",
        "another clerk compared what was entered from a paper with its scan: it counts",
    )
    PURCHASE_TURN_DOWN_PAPER = (
        "purchase.turn_down_paper",
        "what was entered from a paper was turned down or taken back: it never counts",
    )
    PURCHASE_CAST_BALLOT = (
        "purchase.cast_ballot",
        "an owner voted; what for is not in the chain",
    )
    PURCHASE_ENTER_BALLOT = (
        "purchase.enter_ballot",
        "an owner's ballot on paper counts; what for is not in the chain",
    )
    PURCHASE_CONFIRM_COUNT = (
        "purchase.confirm_count",
        "a clerk said that all ballots are in: what they came to, and the digests of roll and"
        " ballots",
    )
    PURCHASE_REMIND_VOTERS = (
        "purchase.remind_voters",
        "owners who had not voted yet were reminded",
    )
    PURCHASE_ENTER_WORD = (
        "purchase.enter_word",
        "a clerk entered what owners who applied on paper ask for",
    )
    PURCHASE_PRINT_LETTER = (
        "purchase.print_letter",
        "a clerk made the letter to owners who applied on paper, which names them",
    )
    PURCHASE_DELIVER_LETTER = (
        "purchase.deliver_letter",
        "the letter was given to owners who applied on paper",
    )
    PURCHASE_UNDO_LETTER = "purchase.undo_letter", "such a letter was not given after all"
    PURCHASE_ADD_INVOICE = "purchase.add_invoice", "an invoice was handed in, or counts again"
    PURCHASE_LIFT_DROPPED = "purchase.leave_out_lift", "which lift left a case"
    PURCHASE_INSURER_CHANGED = (
        "purchase.replace_insurer",
        "which insurer took a case over from which",
    )
    PURCHASE_HAND_OVER = "purchase.hand_over", "a case of a leaver was passed to a successor"
    PURCHASE_READ_OBJECTIONS = "purchase.read_objections", "a clerk read the words of objections"
    SURVEY_RECORD = "survey.record", "the insurer looked at a lift"
    PLAN_APPROVE = "plan.approve", "a committee member approved a plan"
    PLAN_REFUSE = "plan.refuse", "a committee member refused a plan"
    PUBLIC_NOTICE_DRAFT = "public_notice.draft", "the text of a notice was frozen for posting"
    PUBLIC_NOTICE_ADD_PHOTO = "public_notice.add_photo", "a photo of a posted notice was handed in"

    # Objections.
    OBJECTION_FILE = "objection.file", "an objection was received"
    OBJECTION_ADMIT_LATE = "objection.admit_late", "a longer notice made a late objection timely"
    OBJECTION_VERIFY = "objection.verify", "a clerk found whether its author is an affected owner"
    OBJECTION_ANSWER = "objection.answer", "the centre answered it"
    OBJECTION_PRINT_ANSWER = (
        "objection.print_answer",
        "a clerk made the letter with the answer, which names its author",
    )
    OBJECTION_DELIVER_ANSWER = "objection.deliver_answer", "the letter was given to its author"
    OBJECTION_UNDO_DELIVERY = "objection.undo_delivery", "a letter was not given after all"
    OBJECTION_DISMISS = "objection.dismiss", "the reviewer dismissed it, with reasons"
    OBJECTION_UNDO_DISMISSAL = (
        "objection.undo_dismissal",
        "another officer undid a dismissal: it counts again",
    )
    OBJECTION_WITHDRAW = "objection.withdraw", "its author took it back"
    OBJECTION_UNMASK = "objection.unmask", "a clerk looked at who objected"
    OBJECTION_MODERATE = "objection.moderate", "what the platform thinks of its words"
    OBJECTION_DECIDE_PUBLICATION = (
        "objection.decide_publication",
        "a clerk decided whether its words are published",
    )
    OBJECTION_MASK_ANSWER = (
        "objection.mask_answer",
        "names and numbers in an answer of an earlier version were masked",
    )
    OBJECTION_UNPUBLISH = "objection.unpublish", "its words are not, or no longer, published"

    PUBLICATION_TAKE_DOWN = "publication.take_down", "published words or a photo were taken down"
    PUBLICATION_RESTORE = "publication.restore", "another officer let everybody see it again"

    # Files and print.
    FILE_UPLOAD = "file.upload", "a file was handed in"
    DATA_END = "data.end", "personal data was kept for its period and has ended"
    FILE_FORGET = "file.forget", "a file that was used for nothing was dropped after a month"
    FILE_READ_OBJECTION_PAPER = (
        "file.read_objection_paper",
        "an officer looked at a paper about an objection",
    )
    POSTER_MAKE = "poster.make", "a poster was drawn and kept"
    PRINT_ORDER_OPEN = "print_order.open", "the posters of an estate were ordered"
    PRINT_ORDER_FINISH = "print_order.finish", "the posters of an order are printed"
    ORDERED_FILE_OPEN = (
        "ordered_file.open",
        "somebody ordered a bound case, or a long list",
    )
    ORDERED_FILE_FINISH = "ordered_file.finish", "the ordered file is made, or cannot be"
    ORDERED_FILE_FETCH = "ordered_file.fetch", "somebody fetched it"
    LIFT_TOKEN_ISSUE = "lift_token.issue", "a lift got a fresh code"
    LIFT_TOKEN_REVOKE = "lift_token.revoke", "a lift's code leads nowhere from now on"

    # Things that change.
    LIFT_CORRECT_CODE = "lift.correct_code", "a lift got its right registration code"
    LIFT_STOP = "lift.stop", "a lift stands still since a day"
    LIFT_RESTART = "lift.restart", "it runs again"
    LIFT_RETIRE = "lift.retire", "a lift was taken out for good"
    SOLE_MANAGER_SET = "estate.sole_manager", "one owner manages an estate alone, or no more"
    PLACE_RENAME = "place.rename", "a building or a unit got another name"
    ESTATE_CHANGE_COMPANY = (
        "estate.change_company",
        "another property company manages an estate, or none",
    )
    ESTATE_ENTER_SUCCESSION = (
        "estate.enter_succession",
        "one company took over another one: another officer is to confirm it",
    )
    ESTATE_TURN_DOWN_SUCCESSION = (
        "estate.turn_down_succession",
        "that one company took over another one was turned down, or taken back",
    )
    ACCOUNT_SPLIT = "account.split", "a building's account became one for each of its units"
    ACCOUNT_MERGE = "account.merge", "the accounts of a building's units became one"

    # What the centre brings in.
    PAYMENT_MAKE_BATCH = "payment.make_batch", "a cashier told the bank of many payments at once"
    PAYMENT_SUBMIT_BATCH = "payment.submit_batch", "the bank has the file of a batch"
    PAYMENT_VOID_BATCH = "payment.void_batch", "a batch that the bank never got was made void"
    PAYMENT_TAKE_ANSWERS = "payment.take_answers", "what the bank answered to a batch was read"
    WORKBOOK_HAND_IN = "workbook.hand_in", "an officer handed in a workbook, which was checked"
    REGISTRY_IMPORT = "registry.import", "an estate's roster was imported"
    HOUSEHOLD_READ = "household.read_account", "an officer looked at a flat's account in the fund"
    BALANCES_IMPORT = "balances.import", "accounts and balances were imported"
    FUND_BOOKS_BRING = "fund_books.bring", "a file of the fund's own books was booked"
    OPENING_ENTER_CORRECTION = (
        "opening.enter_correction",
        "an officer entered other figures of an opening balance",
    )
    OPENING_CORRECT = (
        "opening.correct",
        "another officer confirmed them: the opening was reversed and booked anew",
    )
    OPENING_TURN_DOWN_CORRECTION = (
        "opening.turn_down_correction",
        "an officer said no to them, or took them back",
    )
    STATEMENT_IMPORT = "bank_statement.import", "an officer imported a statement of a bank account"
    STATEMENT_WITHDRAW = "bank_statement.withdraw", "an officer withdrew a wrong one"
    LINE_MATCH = "bank_line.match", "an officer said which booking a line of the bank is"
    LINE_UNMATCH = "bank_line.unmatch", "an officer took that back"
    DEPOSIT_ENTER = "deposit.enter", "an officer entered a deposit of the fund"
    DEPOSIT_WITHDRAW = "deposit.withdraw", "an officer withdrew one entered by mistake"
    AGREEMENT_ENTER = "bank_agreement.enter", "an officer entered what was agreed with a bank"
    AGREEMENT_WITHDRAW = "bank_agreement.withdraw", "an officer withdrew an agreement"
    INTEREST_ENTER = "deposit_interest.enter", "an officer entered interest that a bank paid"
    INTEREST_CONFIRM = "deposit_interest.confirm", "another officer confirmed it: it was booked"
    INTEREST_TURN_DOWN = (
        "deposit_interest.turn_down",
        "an officer said no to interest, or took it back",
    )
    INTEREST_UNDO_ENTER = (
        "deposit_interest.ask_undo",
        "an officer asked for confirmed interest to be undone",
    )
    INTEREST_UNDO_CONFIRM = "deposit_interest.undo", "another officer agreed: it was reversed"
    INTEREST_UNDO_TURN_DOWN = (
        "deposit_interest.turn_down_undo",
        "its undoing was turned down, or not asked for any more",
    )
    SHARE_COLLECT = "purchase.collect_share", "a flat paid its share of a premium: it was booked"
    SHARE_UNDO = (
        "purchase.undo_share",
        "the payment of a share was booked by mistake: it is reversed",
    )
    TRANSFER_ENTER = (
        "bank_transfer.enter",
        "an officer entered money moved between the fund's banks",
    )
    TRANSFER_CONFIRM = "bank_transfer.confirm", "another officer confirmed the move: it was booked"
    TRANSFER_TURN_DOWN = (
        "bank_transfer.turn_down",
        "an officer said no to the move, or took it back",
    )
    LEADING_DECISION_ENTER = (
        "leading_decision.enter",
        "an officer entered what the leading group decided about money that is owed",
    )
    LEADING_DECISION_WITHDRAW = "leading_decision.withdraw", "that was entered by mistake"
    PAST_INCOME_ENTER = (
        "past_income.enter",
        "an officer entered which year income of before these books counts for",
    )
    PAST_INCOME_ASK_BACK = (
        "past_income.ask_back",
        "an officer asked for it to count no more",
    )
    PAST_INCOME_CONFIRM = "past_income.confirm", "another officer confirmed either"
    PAST_INCOME_TURN_DOWN = "past_income.turn_down", "an officer said no to either, or took it back"
    PERIOD_LOCK_ENTER = (
        "period_lock.enter",
        "an officer asked for the books to be locked or opened up to another day",
    )
    PERIOD_LOCK_CONFIRM = (
        "period_lock.confirm",
        "another officer agreed, or closed the year with it",
    )
    PERIOD_LOCK_TURN_DOWN = "period_lock.turn_down", "an officer said no to that, or took it back"
    CLOSE_PREVIEW = "year_close.preview", "an officer made a preview of a yearly close"
    CLOSE_POST = "year_close.post", "another officer posted it"
    INSURER_ENTER_PAYEE = "insurer.enter_payee", "an officer entered another account of an insurer"
    INSURER_CHANGE_PAYEE = (
        "insurer.change_payee",
        "another officer confirmed it: it gets paid",
    )
    INSURER_TURN_DOWN_PAYEE = "insurer.turn_down_payee", "an officer said no to it, or took it back"
    INSURER_ADD = "insurer.add", "an officer entered an insurer, which has no account yet"
    INSURER_SELECT = (
        "insurer.select",
        "an officer entered a term of an insurer's selection",
    )
    INSURER_END_SELECTION = (
        "insurer.end_selection",
        "the selection ended before its last day",
    )
    INSURER_ADD_CLAUSE = "insurer.add_clause", "an officer entered filed clauses of an insurer"
    INSURER_END_CLAUSE = "insurer.end_clause", "these clauses are not in use any more"
    MESSAGE_SEND_AGAIN = "message.send_again", "an officer sent a message again that did not arrive"
    CALLBACK_TAKE_UP = "callback.take_up", "an officer gave a callback another turn"
    MESSAGE_DROP = "message.drop", "a message that waited was taken back on the server"
    CALLBACK_DROP = "callback.drop", "a callback that was given up was left so on the server"
    CHANNEL_TRY = "channel.try", "a closed channel was to be tried at once, on the server"
    AUDIT_EXPORT = "audit.export", "the chain left the house in an archive, up to this link"
    HOLIDAY_YEAR_IMPORT = "holiday_year.import", "a year's days off were imported"


def of_step(action: str) -> StepTaken:
    """What the chain calls a step of a purchase."""
    return StepTaken(f"purchase.{action}")
