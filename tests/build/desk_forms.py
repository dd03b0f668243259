"""Every form of the desk that writes, by the test that reads it from its page and sends it as a
browser without script does. A new one is named here, or a test of the room fails; each test that is
named must send what it promises, or fails itself. A case's steps share one address and are each
named."""

from collections.abc import Collection, Mapping

from flask import Flask

STEP = "case.take"

# By module and test in tests/api/desk, without `test_`: the endpoints to which it sends a form.
SENT_BY: Mapping[str, Mapping[str, Collection[str]]] = {
    "a_case_at_the_desk": {
        "a_form_that_is_sent_twice_is_done_once": {"case.take return_application"},
    },
    "bank_statements": {
        "a_month_of_the_bank_is_imported_matched_and_agreed_by_forms": {
            "statements.hand_in",
            "statements.match",
            "statements.take_back",
            "statements.unmatch",
        },
    },
    "drafts": {
        "nothing_is_lost_where_the_session_was_ended_from_elsewhere_and_its_cookie_is_gone": {
            "entrance.sign_out"
        },
        "who_is_asked_for_a_code_again_finds_the_words_afterwards": {"case.take return_papers"},
    },
    "every_act": {
        "a_notice_that_hangs_nowhere_is_taken_back_by_its_form": {
            "case.take undo_draft_notice",
        },
        "a_payment_and_a_policy_are_set_right_by_forms": {
            "case.take reject_payment",
            "case.take return_payment",
            "case.take set_policy",
            "case.take undo_confirm_payment",
            "case.take waive_refund",
        },
        "a_plan_that_was_refused_is_revised_or_another_asked_for_by_forms": {
            "case.take request_plan",
            "case.take revise_plan",
        },
        "after_the_notice_every_way_back_is_a_form": {
            "case.take amend_contract",
            "case.take undo_clear",
            "case.take undo_register",
        },
        "before_a_plan_every_way_back_is_a_form": {
            "case.take fail_survey",
            "case.take mark_short",
            "case.take rectify",
            "case.take reject",
            "case.take terminate",
            "case.take undo_reject",
        },
        "what_an_application_is_about_is_changed_by_forms": {
            "case.take change_insurer",
            "case.take drop_lift",
            "case.take withdraw",
        },
        "what_owners_write_on_paper_is_entered_and_taken_back_by_forms": {
            "case.take enter_cosignatures",
            "case.take enter_word",
            "case.take withdraw_cosignature",
        },
    },
    "finding": {
        "a_phone_is_looked_up_by_a_form_once_and_its_number_stays_nowhere": {"search.find"},
    },
    "forms": {
        "a_clerk_enters_minutes_and_is_told_which_name_is_wrong": {"case.take enter_minutes"},
        "a_folder_of_photos_is_put_to_its_places_by_names_and_the_rest_by_hand": {"photos.hand_in"},
        "a_photo_that_does_not_do_keeps_no_other_back": {"photos.hand_in"},
        "owners_on_paper_are_entered_by_one_clerk_and_handed_in_by_another": {
            "applications.begin",
            "letters.print_letter",
        },
    },
    "getting_in": {
        "somebody_reads_where_they_are_signed_in_and_ends_it_there": {
            "entrance.enter",
            "sessions.end",
        },
    },
    "handing_cases_over": {
        "of_thirty_cases_ten_stay_by_name_and_one_confirmation_moves_the_rest": {
            "handing_over.hand_over"
        },
    },
    "importing": {
        "who_looked_at_other_changes_than_there_are_now_looks_again": {
            "imports.apply",
            "imports.hand_in",
        },
    },
    "in_a_browser": {
        "a_whole_day_goes_by_forms_in_a_browser_without_script": {
            "case.take add_invoice",
            "case.take answer_plan",
            "case.take apply",
            "case.take clear",
            "case.take confirm_payment",
            "case.take draft_notice",
            "case.take issue_policy",
            "case.take order_payment",
            "case.take propose_refund",
            "case.take query_funds",
            "case.take register",
            "case.take request_payment",
            "case.take review_payment",
            "case.take sign_contract",
            "case.take submit_plan",
            "case.take survey",
        },
    },
    "income_at_the_desk": {
        "a_deposit_earns_and_its_year_is_closed_by_forms_and_by_two": {
            "closes.post",
            "closes.preview",
            "income.enter",
            "income.enter_interest",
            "proposals.confirm",
        },
        "interest_below_the_statutory_one_stays_owed_and_what_was_wrong_is_taken_back": {
            "income.withdraw",
            "proposals.turn_down",
        },
        "late_interest_is_booked_today_and_two_officers_open_the_books_by_forms": {"locks.ask"},
        "what_banks_offered_and_what_was_agreed_is_kept_by_forms": {
            "agreements.enter",
            "agreements.withdraw",
        },
        "money_between_two_banks_is_moved_by_forms_and_by_two": {"transfers.enter"},
        "what_the_leading_group_decided_is_entered_and_taken_back_by_forms": {
            "decisions.decide_account",
            "decisions.decide_interest",
            "decisions.withdraw",
        },
        "income_of_before_the_books_is_named_and_taken_back_by_forms_and_by_two": {
            "past_income.ask_back",
            "past_income.enter",
        },
        "interest_confirmed_by_mistake_is_undone_by_forms_and_by_two": {"income.ask_undo"},
        "a_flat_s_account_opens_by_a_button_and_each_look_is_one_link": {
            "account_statements.flat",
            "closes.flat",
        },
    },
    "insurers_at_the_desk": {
        "an_insurer_comes_gets_an_account_by_two_is_selected_and_ends_by_forms_alone": {
            "insurers.add",
            "insurers.end_clause",
            "insurers.enter",
        },
    },
    "letting_people_in": {
        "a_clerk_answers_a_request_to_correct_once_and_not_the_own": {"rectifications.answer"},
        "a_relayed_code_gives_nothing_and_the_number_of_another_ends_it": {"inviting.withdraw"},
        "another_right_sessions_and_keeping_out_are_forms_on_the_person_s_page": {
            "person.give",
            "person.lock_out",
            "person.sign_out",
        },
        "who_scans_gets_the_right_when_the_number_was_compared": {
            "inviting.confirm",
            "inviting.invite",
        },
        "work_is_lent_and_taken_back_at_the_desk": {"my_rights.delegate", "my_rights.end"},
    },
    "letters_at_the_desk": {
        "a_letter_is_printed_given_and_its_delivery_taken_back_by_forms": {
            "letters.deliver",
            "letters.undo",
        },
    },
    "messages_at_the_desk": {
        "a_dead_letter_is_read_without_its_words_and_taken_up_by_an_administrator": {
            "messages.take_up"
        },
        "a_list_is_its_address_and_what_did_not_arrive_is_sent_again_from_it": {
            "messages.send_again"
        },
    },
    "objections_at_the_desk": {
        "a_paper_objection_goes_from_the_counter_to_its_dismissal": {
            "objections.do",
            "objections.enter",
            "objections.letter",
        },
        "words_are_shown_for_a_reason_and_a_look_is_one_link_however_often_it_is_sent": {
            "objections.author",
            "objections.words",
        },
    },
    "ordered_files": {
        "a_clerk_has_a_case_bound_follows_it_and_fetches_it": {
            "ordered.case_file",
            "ordered.fetch",
        },
        "a_list_too_long_to_wait_for_is_written_by_a_worker": {"ordered.long_list"},
    },
    "paying_in_batches": {
        "a_batch_that_the_bank_never_got_is_made_void_and_a_likeness_is_never_ticked": {
            "payments.void"
        },
        "a_cashier_pays_four_premiums_by_one_file": {
            "payments.confirm",
            "payments.make",
            "payments.send_back",
            "payments.submit",
            "payments.take",
        },
    },
    "people_and_rights": {
        "a_right_ends_once_and_its_holder_can_do_nothing_more": {"people.end_it"},
    },
    "posters_at_the_desk": {
        "a_dead_code_is_seen_printed_anew_by_an_order_and_fetched": {"posters.order"},
    },
    "saved_filters": {
        "one_of_no_use_is_forgotten_by_whoever_has_it": {"filters.drop"},
        "ones_own_are_seen_by_nobody_else_and_an_offices_by_its_holders": {"filters.save"},
    },
    "sharing_at_the_desk": {
        "the_centre_collects_the_shares_of_a_house_by_forms": {
            "case.take collect_share",
            "case.take open_house_account",
            "case.take undo_share",
        },
    },
    "special_accounts_at_the_desk": {
        "the_centre_opens_an_account_and_books_a_deposit_by_forms": {
            "case.take fund",
            "case.take open_account",
            "case.take undo_fund",
        },
    },
    "screening_at_the_desk": {
        "a_district_screens_and_guides_an_estate_by_two_forms": {
            "case.take guide",
            "case.take undo_guide",
            "case.take undo_screen",
            "screenings.screen",
        },
    },
    "second_factor": {
        "another_administrator_resets_it_and_what_is_open_ends": {"second_factor.reset"},
    },
    "setting_the_registry_right": {
        "whose_office_ended_over_a_form_sets_nothing_right": {"registry.take"},
    },
    "the_room": {
        "keys_are_switched_off_in_one_browser_and_on_again": {"sessions.switch_keys"},
    },
    "without_wechat": {
        "a_lost_device_is_answered_by_inviting_anew": {"person.invite_anew"},
        "five_wrong_ones_keep_the_person_out_until_an_administrator_lets_them_in": {
            "by_number.enter",
            "inviting.invite_account",
            "person.let_in",
            "second_factor.answer",
        },
        "no_code_is_taken_before_another_administrator_confirmed_the_invitation": {
            "inviting.confirm_account"
        },
    },
    "words_at_the_desk": {
        "words_are_opened_published_refused_one_after_the_other_taken_down_and_restored": {
            "moderation.do",
            "moderation.look",
        },
    },
    "voting_at_the_desk": {
        "a_vote_is_opened_entered_counted_and_undone_by_forms": {
            "case.take confirm_count",
            "case.take enter_ballots",
            "case.take open_vote",
            "case.take void_vote",
            "case.take withdraw_vote",
        },
    },
}


def promised(path: str, name: str) -> frozenset[str]:
    """What this test of this module promises to send."""
    module = path.rpartition("/")[2].removeprefix("test_").removesuffix(".py")
    return frozenset(SENT_BY.get(module, {}).get(name.removeprefix("test_"), ()))


def endpoints(desk: Flask, addresses: Collection[str]) -> set[str]:
    """What answers forms at these addresses; for a step of a case, which one."""
    routes = desk.url_map.bind("localhost")
    found = (routes.match(address, method="POST") for address in addresses)
    return {f"{at} {of['action']}" if at == STEP else at for at, of in found}
