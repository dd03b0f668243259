// Made by `make types` from our OpenAPI description; a test compares them.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AcceptedInvitationOut
         * @description What the right is, and the number that the keeper asks for.
         */
        AcceptedInvitationOut: {
            /** Check Number */
            check_number: string;
            /** Role Name */
            role_name: string;
            /** Scope Name */
            scope_name: string;
        };
        /**
         * AccountForecastOut
         * @description What a pool can insure.
         */
        AccountForecastOut: {
            /**
             * Account Id
             * Format: uuid
             */
            account_id: string;
            /** Available Fen */
            available_fen: number;
            /** Building */
            building: string;
            /** Carried */
            carried: number;
            /** Closes In */
            closes_in: number | null;
            /** Lifts */
            lifts: components["schemas"]["LiftForecastOut"][];
            /** Name */
            name: string;
            /** Now */
            now: number;
            /** Number */
            number: string;
            /** Per Flat */
            per_flat: components["schemas"]["AreaCostOut"][];
            /** Premium Fen */
            premium_fen: number;
            /** Shortfall Fen */
            shortfall_fen: number;
            /** Unit */
            unit: string | null;
            /** When */
            when: string;
            /** Words */
            words: string;
            /** Yearly Fen */
            yearly_fen: number;
        };
        /**
         * AccountMergeIn
         * @description The building's account, and by whose decision.
         */
        AccountMergeIn: {
            /** Name */
            name: string;
            /** Number */
            number: string;
            /** Reason */
            reason: string;
        };
        /**
         * AccountOpeningIn
         * @description What the clerk found of the title.
         */
        AccountOpeningIn: {
            /** Title Check */
            title_check: string;
        };
        /**
         * AccountOut
         * @description A pooled account; `unit` is null when it belongs to a whole building, `building` empty when
         *     it is the whole city's, and `banks` are the names of the bank accounts where its money lies.
         */
        AccountOut: {
            /** Available Fen */
            available_fen: number;
            /** Banks */
            banks: string[];
            /** Building */
            building: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Number */
            number: string;
            /** Unit */
            unit: string | null;
        };
        /**
         * AccountPartOut
         * @description What an account got, in fen.
         */
        AccountPartOut: {
            /** Amount Fen */
            amount_fen: number;
            /** Number */
            number: string;
        };
        /**
         * AccountSplitIn
         * @description An account for each unit of the building, and by whose decision.
         */
        AccountSplitIn: {
            /** Parts */
            parts: components["schemas"]["UnitAccountIn"][];
            /** Reason */
            reason: string;
        };
        /**
         * AccountStatementOut
         * @description An account in a period.
         */
        AccountStatementOut: {
            /** Closing Fen */
            closing_fen: number;
            /** Count */
            count: number;
            /**
             * From On
             * Format: date
             */
            from_on: string;
            /** Kind Name */
            kind_name: string;
            /** Lines */
            lines: components["schemas"]["BookedLineOut"][];
            /** Name */
            name: string;
            /** Number */
            number: string;
            /** Opening Fen */
            opening_fen: number;
            /** Paid Fen */
            paid_fen: number;
            /** Received Fen */
            received_fen: number;
            /**
             * Until On
             * Format: date
             */
            until_on: string;
        };
        /**
         * AccountYearOut
         * @description A year of a pooled account, in fen; of this year up to now.
         */
        AccountYearOut: {
            /** Began Fen */
            began_fen: number;
            /** Ended Fen */
            ended_fen: number;
            /** Ended Name */
            ended_name: string;
            /** Moved */
            moved: components["schemas"]["FlowOut"][];
            /** Year */
            year: number;
        };
        /**
         * AccountsOut
         * @description All pooled accounts of an estate.
         */
        AccountsOut: {
            /** Items */
            items: components["schemas"]["AccountOut"][];
        };
        /**
         * AmendmentIn
         * @description The contract once more, and why.
         */
        AmendmentIn: {
            /** File Sha256 */
            file_sha256: string;
            /**
             * Insurer Id
             * Format: uuid
             */
            insurer_id: string;
            /** Lift Codes */
            lift_codes: string[];
            /** Number */
            number: string;
            /** Premium Fen */
            premium_fen: number;
            /** Reason */
            reason: string;
            /**
             * Signed On
             * Format: date
             */
            signed_on: string;
        };
        /**
         * Answer
         * @description What a member says to a plan.
         * @enum {string}
         */
        Answer: "approve" | "refuse";
        /**
         * AnswerDraftIn
         * @description An answer that is not given yet.
         */
        AnswerDraftIn: {
            /** Answer */
            answer: string;
        };
        /**
         * AnswerIn
         * @description The member's word; refusing needs a reason.
         */
        AnswerIn: {
            answer: components["schemas"]["Answer"];
            /**
             * Reason
             * @default null
             */
            reason: string | null;
        };
        /**
         * AnswerPreviewOut
         * @description What everybody will read, whether something was masked, and whether something may be left.
         */
        AnswerPreviewOut: {
            /** Changed */
            changed: boolean;
            /** Telling */
            telling: boolean;
            /** Text */
            text: string;
        };
        /**
         * AnsweredNoticeOut
         * @description A notice and how many objections to it came and still wait; its own page has the answers.
         */
        AnsweredNoticeOut: {
            /** Days */
            days: string;
            /** Number */
            number: string;
            objection_counts: components["schemas"]["ObjectionCountsOut"];
            /** Objection Words */
            objection_words: string;
        };
        /**
         * ApplicationIn
         * @description Which lifts, out of which account, with which insurer: both only where the route asks.
         */
        ApplicationIn: {
            /**
             * Account Id
             * @default null
             */
            account_id: string | null;
            /**
             * Applicant
             * @enum {string}
             */
            applicant: "owners" | "committee" | "property_company" | "independent_owner";
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /**
             * Insurer Id
             * @default null
             */
            insurer_id: string | null;
            /** Lift Ids */
            lift_ids: string[];
            /** Route */
            route: string;
        };
        /**
         * AreaCostOut
         * @description What the same premium would cost flats of one area from the maintenance fund.
         */
        AreaCostOut: {
            /** Area Dm2 */
            area_dm2: number;
            /** Flats */
            flats: number;
            /** Least Fen */
            least_fen: number;
            /** Most Fen */
            most_fen: number;
        };
        /**
         * AssumptionOut
         * @description What the forecast assumes.
         */
        AssumptionOut: {
            /** Name */
            name: string;
            /** Text */
            text: string;
        };
        /**
         * BankOut
         * @description A bank account of the fund by the books (fen): what lies there, what of it the bank was told
         *     to pay and has not paid yet, and what may still be ordered.
         */
        BankOut: {
            /** Available Fen */
            available_fen: number;
            /** Balance Fen */
            balance_fen: number;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Number */
            number: string;
            /** Ordered Fen */
            ordered_fen: number;
        };
        /**
         * BankStatementIn
         * @description A statement of one bank account from its first to its last day, whole.
         */
        BankStatementIn: {
            /**
             * Bank Id
             * Format: uuid
             */
            bank_id: string;
            /** Closing Fen */
            closing_fen: number;
            /**
             * From On
             * Format: date
             */
            from_on: string;
            /** Lines */
            lines: components["schemas"]["StatedLineIn"][];
            /** Opening Fen */
            opening_fen: number;
            /**
             * Until On
             * Format: date
             */
            until_on: string;
        };
        /**
         * BankStatementOut
         * @description A statement that was imported.
         */
        BankStatementOut: {
            /**
             * Bank Id
             * Format: uuid
             */
            bank_id: string;
            /** Bank Name */
            bank_name: string;
            /** Bank Number */
            bank_number: string;
            /** Closing Fen */
            closing_fen: number;
            /** File Name */
            file_name: string;
            /**
             * From On
             * Format: date
             */
            from_on: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Imported At
             * Format: date-time
             */
            imported_at: string;
            /** Lines */
            lines: number;
            /** Matched */
            matched: number;
            /** Opening Fen */
            opening_fen: number;
            /**
             * Until On
             * Format: date
             */
            until_on: string;
            /** Withdrawn Because */
            withdrawn_because: string | null;
        };
        /**
         * BanksOut
         * @description Bank accounts of the fund.
         */
        BanksOut: {
            /** Items */
            items: components["schemas"]["BankOut"][];
        };
        /**
         * BookedLineOut
         * @description One movement, and the balance after it.
         */
        BookedLineOut: {
            /** Amount Fen */
            amount_fen: number;
            /** Balance Fen */
            balance_fen: number;
            /**
             * Booked On
             * Format: date
             */
            booked_on: string;
            /** Case */
            case: string;
            /** Name */
            name: string;
        };
        /**
         * CalendarDayOut
         * @description A day that the reckoning speaks of: working, weekend, holiday or make-up workday.
         */
        CalendarDayOut: {
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /**
             * On
             * Format: date
             */
            on: string;
        };
        /**
         * CaseDeadlineOut
         * @description A time limit of the case. `ends_before` is the first moment too late, unless the limit stands
         *     still: `pause_words` say since when and why, and `days_left` (as the limit is counted) run on
         *     afterwards.
         */
        CaseDeadlineOut: {
            /** Days Left */
            days_left: number | null;
            /** Ends Before */
            ends_before: string;
            /**
             * Ends On
             * Format: date
             */
            ends_on: string;
            /** Explanation */
            explanation: components["schemas"]["CaseReasonOut"][];
            /** Kind */
            kind: string;
            /** Pause Words */
            pause_words: string | null;
            /** Paused On */
            paused_on: string | null;
            /** Provisional */
            provisional: boolean;
            /**
             * Started On
             * Format: date
             */
            started_on: string;
            /** State */
            state: string;
            /** Task */
            task: string;
        };
        /**
         * CaseDetailOut
         * @description A case with everything that this person may see of it: `available_fen` is what the accounts
         *     of its source can spend on it, `refund` is shown to the centre's officers.
         */
        CaseDetailOut: {
            /** Applicant */
            applicant: string;
            /** Available Fen */
            available_fen: number;
            /** Deadlines */
            deadlines: components["schemas"]["CaseDeadlineOut"][];
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Insurer Id */
            insurer_id: string | null;
            /** Lifts */
            lifts: components["schemas"]["CaseLiftOut"][];
            notice: components["schemas"]["CaseNoticeOut"] | null;
            /** Number */
            number: string;
            /** Objections */
            objections: components["schemas"]["CaseObjectionOut"][];
            /** On Paper */
            on_paper: boolean;
            /** Papers */
            papers: components["schemas"]["CasePaperOut"][];
            plan: components["schemas"]["CasePlanOut"] | null;
            /** Plan Id */
            plan_id: string | null;
            policy: components["schemas"]["CasePolicyOut"] | null;
            /** Possible Actions */
            possible_actions: string[];
            refund: components["schemas"]["RefundOut"] | null;
            /** Route */
            route: string;
            /** Source */
            source: components["schemas"]["SourceAccountOut"][];
            /** Started At */
            started_at: string;
            /** State */
            state: string;
            /** State Name */
            state_name: string;
            /** Transitions */
            transitions: components["schemas"]["TransitionOut"][];
            /** Updated At */
            updated_at: string;
            /** Version */
            version: number;
        };
        /**
         * CaseLetterDeliveryIn
         * @description How and when the letter was given, and the scan of what proves it.
         */
        CaseLetterDeliveryIn: {
            /** File Sha256 */
            file_sha256: string;
            /**
             * Given On
             * Format: date
             */
            given_on: string;
            how: components["schemas"]["How"];
        };
        /**
         * CaseLetterOut
         * @description A letter that was printed, and how it was given, if it was.
         */
        CaseLetterOut: {
            /** Entered At */
            entered_at: string | null;
            /** Entered By */
            entered_by: string;
            /** File Sha256 */
            file_sha256: string | null;
            /** Given On */
            given_on: string | null;
            /** How */
            how: string | null;
            /** How Name */
            how_name: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Printed At */
            printed_at: string;
            /** Printed By */
            printed_by: string;
            /** State Name */
            state_name: string;
            /** Step Name */
            step_name: string;
            /** Version */
            version: number;
            /** Waits */
            waits: boolean;
        };
        /**
         * CaseLettersOut
         * @description The latest first.
         */
        CaseLettersOut: {
            /** Due */
            due: boolean;
            /** Items */
            items: components["schemas"]["CaseLetterOut"][];
        };
        /**
         * CaseLiftOut
         * @description A lift of the application; its premium in fen once there is a plan.
         */
        CaseLiftOut: {
            /** Building */
            building: string;
            /** Findings */
            findings: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Premium Fen */
            premium_fen: number | null;
            /** Registration Code */
            registration_code: string;
            /** Survey */
            survey: string | null;
            /** Unit */
            unit: string;
            /**
             * Unit Id
             * Format: uuid
             */
            unit_id: string;
        };
        /**
         * CaseNoticeOut
         * @description The live notice and which photos it lacks, in words.
         */
        CaseNoticeOut: {
            /** Content Hash */
            content_hash: string;
            /** Ends Before */
            ends_before: string | null;
            /** Ends On */
            ends_on: string | null;
            /** Explanation */
            explanation: components["schemas"]["CaseReasonOut"][];
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Late End */
            late_end: string[];
            /** Missing End */
            missing_end: string[];
            /** Missing Start */
            missing_start: string[];
            /** Number */
            number: string;
            /** Provisional */
            provisional: boolean;
            /** Starts On */
            starts_on: string | null;
            /** State */
            state: string;
        };
        /**
         * CaseObjectionOut
         * @description Number, kind, status and answer; the other fields are filled for the clerk alone.
         */
        CaseObjectionOut: {
            /** Answer */
            answer: string | null;
            /** Delivered On */
            delivered_on: string | null;
            /** Id */
            id: string | null;
            /** Kind */
            kind: string;
            /** Letter Due */
            letter_due: boolean | null;
            /** Notice Number */
            notice_number: string;
            /** Number */
            number: string;
            /** Photos */
            photos: string[];
            /** Publication */
            publication: string | null;
            /** Received At */
            received_at: string | null;
            /** Source */
            source: string | null;
            /** Status */
            status: string;
            /** Text */
            text: string | null;
        };
        /**
         * CaseOut
         * @description A case in short. `version` counts its steps.
         */
        CaseOut: {
            /** Applicant */
            applicant: string;
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Insurer Id */
            insurer_id: string | null;
            /** Number */
            number: string;
            /** On Paper */
            on_paper: boolean;
            /** Plan Id */
            plan_id: string | null;
            /** Route */
            route: string;
            /** Started At */
            started_at: string;
            /** State */
            state: string;
            /** State Name */
            state_name: string;
            /** Updated At */
            updated_at: string;
            /** Version */
            version: number;
        };
        /**
         * CasePaperOut
         * @description What was handed in; shown to those who take part.
         */
        CasePaperOut: {
            /** At */
            at: string | null;
            /** File Sha256 */
            file_sha256: string | null;
            /** Kind */
            kind: string;
            /** Number */
            number: string | null;
            /** Statement */
            statement: string | null;
        };
        /**
         * CasePlanOut
         * @description The current plan; `content_hash` freezes its terms.
         */
        CasePlanOut: {
            answers: components["schemas"]["TallyOut"];
            /** Content Hash */
            content_hash: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Insurer Id
             * Format: uuid
             */
            insurer_id: string;
            /** Lifts */
            lifts: components["schemas"]["LiftPremiumOut"][];
            /** Premium Fen */
            premium_fen: number;
            /** Revision */
            revision: number;
            terms: components["schemas"]["CoverTermsOut"];
        };
        /**
         * CasePolicyOut
         * @description The policy that counts: its days are the days of cover. Money in fen.
         */
        CasePolicyOut: {
            /**
             * Cover From
             * Format: date
             */
            cover_from: string;
            /**
             * Cover Last Day
             * Format: date
             */
            cover_last_day: string;
            /**
             * Issued On
             * Format: date
             */
            issued_on: string;
            /** Note */
            note: string | null;
            /** Number */
            number: string;
            /** Premium Fen */
            premium_fen: number;
        };
        /**
         * CaseReasonOut
         * @description One sentence of how a date was reckoned, the article behind it, and the days concerned.
         */
        CaseReasonOut: {
            /** Article */
            article: string | null;
            /** Days */
            days: components["schemas"]["CalendarDayOut"][];
            /** Rule */
            rule: string;
            /** Text */
            text: string;
        };
        /**
         * CastOut
         * @description For how many flats it counts.
         */
        CastOut: {
            /** Flats */
            flats: number;
        };
        /**
         * CentreOut
         * @description Whom to ask.
         */
        CentreOut: {
            /** Name */
            name: string;
            /** Phone */
            phone: string;
        };
        /**
         * ChainLinkOut
         * @description One link. `body` is what was hashed, as text, so that anyone can check it offline.
         */
        ChainLinkOut: {
            /** Action */
            action: string;
            /** Actor Id */
            actor_id: string | null;
            /** At */
            at: string;
            /** Body */
            body: string;
            /** Facts */
            facts: {
                [key: string]: unknown;
            };
            /** Hash */
            hash: string;
            /** Previous Hash */
            previous_hash: string;
            /** Seq */
            seq: number;
            /** Subject Id */
            subject_id: string;
            /** Subject Kind */
            subject_kind: string;
            /** Version */
            version: number;
        };
        /**
         * ChangeOut
         * @description One term that differs from the former revision, in words.
         */
        ChangeOut: {
            /** After */
            after: string;
            /** Before */
            before: string;
            /** Field */
            field: string;
            /** Label */
            label: string;
        };
        /**
         * CheckpointOut
         * @description Where the chain stood on a day; `line` is what to keep somewhere else, as it stands.
         */
        CheckpointOut: {
            /**
             * Day
             * Format: date
             */
            day: string;
            /** Line */
            line: string;
            /** Seq */
            seq: number;
        };
        /**
         * CheckpointsOut
         * @description The latest first.
         */
        CheckpointsOut: {
            /** Checkpoints */
            checkpoints: components["schemas"]["CheckpointOut"][];
        };
        /**
         * Choice
         * @description What a ballot says.
         * @enum {string}
         */
        Choice: "agree" | "refuse" | "abstain";
        /**
         * ChoiceIn
         * @description What the owner says.
         */
        ChoiceIn: {
            choice: components["schemas"]["Choice"];
        };
        /**
         * CityForecastOut
         * @description The city's forecast.
         */
        CityForecastOut: {
            /** Accounts */
            accounts: number;
            /** Assumptions */
            assumptions: components["schemas"]["AssumptionOut"][];
            /** Groups */
            groups: components["schemas"]["CityGroupOut"][];
            /** Lifts */
            lifts: number;
            own: components["schemas"]["SummaryOut"] | null;
            /** Shortfall Fen */
            shortfall_fen: number;
            /** Years */
            years: components["schemas"]["YearReachedOut"][];
        };
        /**
         * CityGroupOut
         * @description Pools that can insure all their lifts in one year.
         */
        CityGroupOut: {
            /** Accounts */
            accounts: number;
            /** Closes In */
            closes_in: number | null;
            /** Lifts */
            lifts: number;
            /** Shortfall Fen */
            shortfall_fen: number;
            /** When */
            when: string;
        };
        /**
         * CityOut
         * @description What is the same for every lift of the city.
         */
        CityOut: {
            /** About */
            about: string[];
            centre: components["schemas"]["CentreOut"];
            /** City */
            city: string;
            emergency: components["schemas"]["EmergencyOut"];
            /** Objection Channels */
            objection_channels: string[];
            /** Objection Kinds */
            objection_kinds: components["schemas"]["ObjectionKindOut"][];
            /** Objection Max Characters */
            objection_max_characters: number;
            /** Photo Hint */
            photo_hint: string;
            privacy: components["schemas"]["PrivacyOut"];
            /** Subscriptions */
            subscriptions: components["schemas"]["SubscriptionOut"][];
        };
        /**
         * ClearanceIn
         * @description That nobody objected on paper; and, where the end photos are late, what makes it certain that
         *     the notice hung to its last day.
         */
        ClearanceIn: {
            /**
             * Late Photos Statement
             * @default null
             */
            late_photos_statement: string | null;
            /** Statement */
            statement: string;
        };
        /**
         * CloseOut
         * @description A yearly close, or its preview.
         */
        CloseOut: {
            /** Accounts */
            accounts: number;
            /** Households */
            households: number;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            mode: components["schemas"]["IncomeMode"];
            /** Moved Fen */
            moved_fen: number;
            /** Posted At */
            posted_at: string | null;
            /**
             * Previewed At
             * Format: date-time
             */
            previewed_at: string;
            /** Receivable Fen */
            receivable_fen: number;
            /** Revision */
            revision: number;
            state: components["schemas"]["CloseState"];
            /** Statutory Fen */
            statutory_fen: number;
            /** Statutory Moved Fen */
            statutory_moved_fen: number;
            /** Total Fen */
            total_fen: number;
            /** Weight */
            weight: string;
            /** Year */
            year: number;
        };
        /**
         * CloseState
         * @description A yearly close (年度分配): a preview binds nobody, and is posted once.
         * @enum {string}
         */
        CloseState: "preview" | "posted";
        /**
         * CompanyIn
         * @description The company that manages from now on.
         */
        CompanyIn: {
            /** Name */
            name: string;
            /** Reason */
            reason: string;
        };
        /**
         * ConfirmationIn
         * @description The bank's reference and receipt.
         */
        ConfirmationIn: {
            /** Bank Reference */
            bank_reference: string;
            /** Receipt Sha256 */
            receipt_sha256: string;
        };
        /**
         * ContractIn
         * @description The signed contract as its paper says it.
         */
        ContractIn: {
            /** File Sha256 */
            file_sha256: string;
            /**
             * Insurer Id
             * Format: uuid
             */
            insurer_id: string;
            /** Lift Codes */
            lift_codes: string[];
            /** Number */
            number: string;
            /** Premium Fen */
            premium_fen: number;
            /**
             * Signed On
             * Format: date
             */
            signed_on: string;
        };
        /**
         * ContractOnRecordOut
         * @description The contract that counts.
         */
        ContractOnRecordOut: {
            /** Number */
            number: string;
            /** Premium Fen */
            premium_fen: number;
            /**
             * Signed On
             * Format: date
             */
            signed_on: string;
        };
        /**
         * CosignersOut
         * @description How many owners have signed so far.
         */
        CosignersOut: {
            /** Cosigners */
            cosigners: number;
        };
        /**
         * CountIn
         * @description How it was made sure that every ballot that came in time is entered.
         */
        CountIn: {
            /** Statement */
            statement: string;
        };
        /**
         * CoverOut
         * @description Who insures the lift; `last_day` is still covered.
         *
         *     `words` say the cover in plain sentences; `terms` are null when no plan is known.
         */
        CoverOut: {
            /** Insurer */
            insurer: string;
            /** Insurer Phone */
            insurer_phone: string | null;
            /**
             * Last Day
             * Format: date
             */
            last_day: string;
            /** Policy Number */
            policy_number: string | null;
            /**
             * Starts On
             * Format: date
             */
            starts_on: string;
            terms: components["schemas"]["CoverTermsOut"] | null;
            /** Words */
            words: string[];
        };
        /**
         * CoverTermsOut
         * @description What a plan promises. Money in fen; `cover_last_day` is still covered.
         */
        CoverTermsOut: {
            /**
             * Cover Ends Before
             * Format: date
             */
            cover_ends_before: string;
            /**
             * Cover From
             * Format: date
             */
            cover_from: string;
            /**
             * Cover Last Day
             * Format: date
             */
            cover_last_day: string;
            /** Deductible Fen */
            deductible_fen: number;
            /** Exclusions */
            exclusions: string;
            /** Scope Of Cover */
            scope_of_cover: string;
            /** Service Commitments */
            service_commitments: string;
            /** Sum Insured Fen */
            sum_insured_fen: number;
        };
        /**
         * DataItemOut
         * @description One thing that is kept.
         */
        DataItemOut: {
            /** Label */
            label: string;
            /** Value */
            value: string;
        };
        /**
         * DataSectionOut
         * @description Things of one kind.
         */
        DataSectionOut: {
            /** Items */
            items: components["schemas"]["DataItemOut"][];
            /** Title */
            title: string;
        };
        /**
         * DeadlineState
         * @description A running limit is `open`, or `paused` while an objection stops it; then `met` by what it
         *     waited for, or `cancelled` when nothing is waited for any more.
         * @enum {string}
         */
        DeadlineState: "open" | "paused" | "met" | "cancelled";
        /**
         * DelegationIn
         * @description Who does one's work, and until when.
         */
        DelegationIn: {
            /**
             * Person Id
             * Format: uuid
             */
            person_id: string;
            /**
             * Until
             * Format: date-time
             */
            until: string;
        };
        /**
         * DeliveryIn
         * @description How and when the letter was given, and the scan of what proves it.
         */
        DeliveryIn: {
            /** File Sha256 */
            file_sha256: string;
            /**
             * Given On
             * Format: date
             */
            given_on: string;
            how: components["schemas"]["How"];
        };
        /**
         * DeliveryOut
         * @description From which day on the letter counts as given.
         */
        DeliveryOut: {
            /**
             * Delivered On
             * Format: date
             */
            delivered_on: string;
            /**
             * Given On
             * Format: date
             */
            given_on: string;
            /** How */
            how: string;
        };
        /**
         * DepartureIn
         * @description `confirm` must be true: this cannot be undone.
         */
        DepartureIn: {
            /** Confirm */
            confirm: boolean;
        };
        /**
         * DepartureOut
         * @description What happened, and which records stay.
         */
        DepartureOut: {
            /** Kept */
            kept: string[];
            /** Message */
            message: string;
        };
        /**
         * DepositIn
         * @description What the bank's certificate says: fen, percent a year as written, months (0: on demand).
         */
        DepositIn: {
            /**
             * Bank Id
             * Format: uuid
             */
            bank_id: string;
            /** File Sha256 */
            file_sha256: string;
            /** Months */
            months: number;
            /** Number */
            number: string;
            /** Principal Fen */
            principal_fen: number;
            /** Rate */
            rate: string;
            /**
             * Value On
             * Format: date
             */
            value_on: string;
        };
        /**
         * DepositOut
         * @description A deposit, and the interest confirmed so far.
         */
        DepositOut: {
            /** Actual Fen */
            actual_fen: number;
            /**
             * Bank Id
             * Format: uuid
             */
            bank_id: string;
            /** Bank Name */
            bank_name: string;
            /** Benchmark */
            benchmark: string;
            /** Benchmark Source */
            benchmark_source: string;
            /**
             * Earned Until
             * Format: date
             */
            earned_until: string;
            /** File Sha256 */
            file_sha256: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Matures On */
            matures_on: string | null;
            /** Months */
            months: number;
            /** Number */
            number: string;
            /** Principal Fen */
            principal_fen: number;
            /** Rate */
            rate: string;
            /** Statutory Fen */
            statutory_fen: number;
            /**
             * Value On
             * Format: date
             */
            value_on: string;
            /** Withdrawn Because */
            withdrawn_because: string | null;
        };
        /**
         * DepositPaidIn
         * @description What the bank's receipt says of the one deposit.
         */
        DepositPaidIn: {
            /** Amount Fen */
            amount_fen: number;
            /**
             * Bank Id
             * Format: uuid
             */
            bank_id: string;
            /** Bank Reference */
            bank_reference: string;
            /** Receipt Sha256 */
            receipt_sha256: string;
            /**
             * Received On
             * Format: date
             */
            received_on: string;
        };
        /**
         * DeskConfirmationIn
         * @description The number that stands beside the code on the PC.
         */
        DeskConfirmationIn: {
            /** Screen Number */
            screen_number: number;
        };
        /**
         * DeskNumbersOut
         * @description The numbers of which one stands beside the code.
         */
        DeskNumbersOut: {
            /** Screen Numbers */
            screen_numbers: number[];
        };
        /**
         * DeskSessionOut
         * @description Where one is signed in to the desk, since when, and when that was used last.
         */
        DeskSessionOut: {
            /** Began At */
            began_at: string;
            /** Desk Place */
            desk_place: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Used At */
            used_at: string;
        };
        /**
         * DeskSessionsOut
         * @description All that last, the newest first.
         */
        DeskSessionsOut: {
            /** Items */
            items: components["schemas"]["DeskSessionOut"][];
        };
        /**
         * DoingOut
         * @description What this person may do from here; `obstacles` say what is in the way as the case stands.
         */
        DoingOut: {
            /** Action */
            action: string;
            /** Name */
            name: string;
            /** Needs Reason */
            needs_reason: boolean;
            /** Obstacles */
            obstacles: string[];
        };
        /**
         * DraftedNoticeOut
         * @description A notice to be posted, with its frozen text; amounts in fen and in words.
         */
        DraftedNoticeOut: {
            /** Content */
            content: {
                [key: string]: unknown;
            };
            /** Content Hash */
            content_hash: string;
            /** Drafted At */
            drafted_at: string;
            /** Ends Before */
            ends_before: string | null;
            /** Ends On */
            ends_on: string | null;
            /** Explanation */
            explanation: components["schemas"]["CaseReasonOut"][];
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Number */
            number: string;
            /**
             * Plan Id
             * Format: uuid
             */
            plan_id: string;
            /** Provisional */
            provisional: boolean;
            /**
             * Purchase Id
             * Format: uuid
             */
            purchase_id: string;
            /** Starts On */
            starts_on: string | null;
            /** State */
            state: string;
        };
        /**
         * EmergencyOut
         * @description What to do when people are trapped. `source` is small print: whose number it is, or null.
         */
        EmergencyOut: {
            /** Phone */
            phone: string;
            /** Source */
            source: string | null;
            /** Text */
            text: string;
        };
        /**
         * ErrorItem
         * @description One reason: a stable code, a Chinese sentence, and the input at fault.
         */
        ErrorItem: {
            /** Code */
            code: string;
            /** Field */
            field: string | null;
            /** Message */
            message: string;
        };
        /**
         * Errors
         * @description Everything that was found wrong with one request.
         */
        Errors: {
            /** Errors */
            errors: components["schemas"]["ErrorItem"][];
            /** Request Id */
            request_id: string;
        };
        /**
         * EstateForecastOut
         * @description An estate's forecast.
         */
        EstateForecastOut: {
            /** Accounts */
            accounts: components["schemas"]["AccountForecastOut"][];
            /** Assumptions */
            assumptions: components["schemas"]["AssumptionOut"][];
            /** Buildings */
            buildings: components["schemas"]["SummaryOut"][];
            /** Estate */
            estate: string;
            /** Unpaid */
            unpaid: number;
            whole: components["schemas"]["SummaryOut"];
            /** Years */
            years: components["schemas"]["YearReachedOut"][];
        };
        /**
         * EstateLiftOut
         * @description A lift. `covered_until` is its last covered day, `open_case` the number of the case at work
         *     on it; `token` only for those who print it.
         */
        EstateLiftOut: {
            /** Building */
            building: string;
            /**
             * Building Id
             * Format: uuid
             */
            building_id: string;
            /** Covered Until */
            covered_until: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Open Case */
            open_case: string | null;
            /** Registration Code */
            registration_code: string;
            /** Token */
            token: string | null;
            /** Unit */
            unit: string;
            /**
             * Unit Id
             * Format: uuid
             */
            unit_id: string;
        };
        /**
         * EstateLiftsOut
         * @description All lifts of an estate.
         */
        EstateLiftsOut: {
            /** Items */
            items: components["schemas"]["EstateLiftOut"][];
        };
        /**
         * EstateOut
         * @description An estate.
         */
        EstateOut: {
            /** Address */
            address: string;
            /** Code */
            code: string;
            /** District */
            district: string;
            /**
             * District Id
             * Format: uuid
             */
            district_id: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * ExportOut
         * @description The same as a file to take along.
         */
        ExportOut: {
            /** Exported At */
            exported_at: string;
            /**
             * Person Id
             * Format: uuid
             */
            person_id: string;
            /** Sections */
            sections: components["schemas"]["DataSectionOut"][];
        };
        /**
         * FigureOut
         * @description One account's opening balance before and after, in fen.
         */
        FigureOut: {
            /**
             * Account Id
             * Format: uuid
             */
            account_id: string;
            /** Fen */
            fen: number;
            /** Former Fen */
            former_fen: number;
            /** Name */
            name: string;
            /** Number */
            number: string;
        };
        /**
         * FiledBeforeOut
         * @description The objection that this person has already filed against the notice.
         */
        FiledBeforeOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Number */
            number: string;
            /** Status */
            status: string;
        };
        /**
         * FiledObjectionOut
         * @description The objection's number, how it stands, and what that means; whether its words are published.
         *
         *     `receipt_url` is null for one that came on paper: its author has the receipt.
         */
        FiledObjectionOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Message */
            message: string;
            /** Number */
            number: string;
            /** Publication */
            publication: string;
            /** Publication Reason */
            publication_reason: string | null;
            /** Receipt Url */
            receipt_url: string | null;
            /** Status */
            status: string;
        };
        /**
         * FindingIn
         * @description What was found of one criterion, by its code in the city's plan.
         */
        FindingIn: {
            /** Criterion */
            criterion: string;
            /** Finding */
            finding: string;
            /** Met */
            met: boolean;
        };
        /**
         * Fit
         * @description What is to be said of a line.
         * @enum {string}
         */
        Fit: "proposed" | "several" | "amount_differs" | "not_booked" | "paid_twice" | "unknown";
        /**
         * FlatAccountOut
         * @description What a flat has in the fund, and one year of it.
         */
        FlatAccountOut: {
            /** Balance Fen */
            balance_fen: number;
            /** Began Fen */
            began_fen: number;
            /** Ended Fen */
            ended_fen: number;
            /**
             * Household Id
             * Format: uuid
             */
            household_id: string;
            /** Lines */
            lines: components["schemas"]["FlatLineOut"][];
            /** Place */
            place: string;
            /** Year */
            year: number;
            /** Years */
            years: number[];
        };
        /**
         * FlatLineOut
         * @description One booking of a flat, and the balance after it.
         */
        FlatLineOut: {
            /** Amount Fen */
            amount_fen: number;
            /** Balance Fen */
            balance_fen: number;
            /**
             * Booked On
             * Format: date
             */
            booked_on: string;
            /** Kind */
            kind: string;
            /** Kind Name */
            kind_name: string;
        };
        /**
         * FlatOnRollOut
         * @description A flat on the roll, whose it is by number, and how its ballot came in, if one did.
         */
        FlatOnRollOut: {
            /** Area Dm2 */
            area_dm2: number;
            /** Head */
            head: number;
            /** Place */
            place: string;
            /** Voted By */
            voted_by: string;
        };
        /**
         * FlatShareOut
         * @description What a flat pays (fen), and when and by which reference it came in.
         */
        FlatShareOut: {
            /** Area Dm2 */
            area_dm2: number;
            /** Bank Reference */
            bank_reference: string | null;
            /** Fen */
            fen: number;
            /**
             * Household Id
             * Format: uuid
             */
            household_id: string;
            /** Place */
            place: string;
            /** Received On */
            received_on: string | null;
        };
        /**
         * FlatSharesOut
         * @description The shares that this person may see; both sums (fen) are of all of them.
         */
        FlatSharesOut: {
            /** Collected Fen */
            collected_fen: number;
            /** Rows */
            rows: components["schemas"]["FlatShareOut"][];
            /** Total Fen */
            total_fen: number;
        };
        /**
         * FlatYearIn
         * @description Of which year; without one the latest with bookings.
         */
        FlatYearIn: {
            /**
             * Year
             * @default null
             */
            year: number | null;
        };
        /**
         * FlowOut
         * @description What moved an account in a year; less than nothing when the balance fell.
         */
        FlowOut: {
            /** Fen */
            fen: number;
            /** Flow */
            flow: string;
            /** Name */
            name: string;
        };
        /**
         * FollowedOut
         * @description `id` is what the follow route takes: the notice's id, or the lift's scanned token.
         */
        FollowedOut: {
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "notice" | "lift";
            /** Title */
            title: string;
        };
        /**
         * FormIn
         * @description The signed application form; nothing where owners signed in the mini-program. And what the
         *     lifts' warranty and the property fee cover already.
         */
        FormIn: {
            /**
             * Form Sha256
             * @default null
             */
            form_sha256: string | null;
            /**
             * Warranty And Fee
             * @default null
             */
            warranty_and_fee: string | null;
        };
        /**
         * FundingOut
         * @description How a lift without cover gets one. `enough` is for this lift alone, null without account.
         */
        FundingOut: {
            /** Enough */
            enough: boolean | null;
            /** How */
            how: string;
            /** Source */
            source: string | null;
            /** Text */
            text: string;
            /** Who May Apply */
            who_may_apply: string[];
        };
        /**
         * FundsOut
         * @description The case, and what the account can spend on it today.
         */
        FundsOut: {
            /** Applicant */
            applicant: string;
            /** Available Fen */
            available_fen: number;
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Insurer Id */
            insurer_id: string | null;
            /** Number */
            number: string;
            /** On Paper */
            on_paper: boolean;
            /** Plan Id */
            plan_id: string | null;
            /** Route */
            route: string;
            /** Started At */
            started_at: string;
            /** State */
            state: string;
            /** State Name */
            state_name: string;
            /** Updated At */
            updated_at: string;
            /** Version */
            version: number;
        };
        /**
         * GivenAnswerOut
         * @description An answer that this person gave; `counts` until a newer revision replaces the plan.
         */
        GivenAnswerOut: {
            /** Answer */
            answer: string;
            /** Answer Name */
            answer_name: string;
            /** Answered At */
            answered_at: string;
            /** Counts */
            counts: boolean;
            /** Estate */
            estate: string;
            /** Medium */
            medium: string;
            /** Number */
            number: string;
            /**
             * Plan Id
             * Format: uuid
             */
            plan_id: string;
            /** Reason */
            reason: string | null;
            /** Revision */
            revision: number;
            /** State Name */
            state_name: string;
        };
        /**
         * GivenAnswersOut
         * @description The latest first.
         */
        GivenAnswersOut: {
            /** Items */
            items: components["schemas"]["GivenAnswerOut"][];
        };
        /**
         * GivenGrantOut
         * @description The grant.
         */
        GivenGrantOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
        };
        /**
         * GivenLockoutOut
         * @description The lockout.
         */
        GivenLockoutOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
        };
        /**
         * GrantIn
         * @description A role for a person, within an estate or insurer, or (without a scope) the city.
         */
        GrantIn: {
            /**
             * Person Id
             * Format: uuid
             */
            person_id: string;
            role: components["schemas"]["Role"];
            /**
             * Scope Id
             * @default null
             */
            scope_id: string | null;
            /**
             * Until
             * @default null
             */
            until: string | null;
        };
        /**
         * GrantOut
         * @description A role granted by the city. `scope_id` is null for the whole city.
         */
        GrantOut: {
            /** Role */
            role: string;
            /** Role Name */
            role_name: string;
            /** Scope Id */
            scope_id: string | null;
            /** Scope Kind */
            scope_kind: string;
        };
        /**
         * GuidanceIn
         * @description Which lifts, with which insurer, out of which of the city's pools.
         */
        GuidanceIn: {
            /** Account Ids */
            account_ids: string[];
            /**
             * Insurer Id
             * Format: uuid
             */
            insurer_id: string;
            /** Lift Ids */
            lift_ids: string[];
        };
        /**
         * HandedInOut
         * @description The case after the photo.
         */
        HandedInOut: {
            /** Applicant */
            applicant: string;
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Insurer Id */
            insurer_id: string | null;
            /** Number */
            number: string;
            /** On Paper */
            on_paper: boolean;
            /** Plan Id */
            plan_id: string | null;
            /** Route */
            route: string;
            /** Started At */
            started_at: string;
            /** State */
            state: string;
            /** State Name */
            state_name: string;
            /** Updated At */
            updated_at: string;
            /** Version */
            version: number;
            /** Warnings */
            warnings: components["schemas"]["PhotoWarningOut"][];
        };
        /**
         * HappenedOut
         * @description A step that was taken.
         */
        HappenedOut: {
            /** At */
            at: string;
            /** Name */
            name: string;
            /** Reason */
            reason: string | null;
            /** State Name */
            state_name: string;
        };
        /**
         * HomeOut
         * @description A household of which this person is a verified owner.
         */
        HomeOut: {
            /** Building */
            building: string;
            /** Estate */
            estate: string;
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /**
             * Owner Id
             * Format: uuid
             */
            owner_id: string;
            /** Room */
            room: string;
            /** Unit */
            unit: string;
        };
        /**
         * HouseAccountIn
         * @description What the clerk says of the upkeep, and what it rests on.
         */
        HouseAccountIn: {
            /** Upkeep Record Sha256 */
            upkeep_record_sha256: string;
            /** Upkeep Statement */
            upkeep_statement: string;
        };
        /**
         * HouseholdShareOut
         * @description What one flat gets of a year, with its reckoning in sentences.
         */
        HouseholdShareOut: {
            /** Explanation */
            explanation: string[];
            /**
             * Household Id
             * Format: uuid
             */
            household_id: string;
            /** Place */
            place: string;
            /** Statutory Fen */
            statutory_fen: number;
            /** Statutory Moved Fen */
            statutory_moved_fen: number;
            /** Value Added Fen */
            value_added_fen: number;
            /** Value Added Moved Fen */
            value_added_moved_fen: number;
        };
        /**
         * How
         * @description How a letter was given; each way is proved by a paper or a picture.
         * @enum {string}
         */
        How: "handed_over" | "by_post" | "left_behind" | "announced";
        /**
         * IncomeMode
         * @description Whose a year's value-added income is: the pooled accounts', or the households'.
         * @enum {string}
         */
        IncomeMode: "pooled" | "household";
        /**
         * InsurerChangeIn
         * @description The insurer that takes over, and why.
         */
        InsurerChangeIn: {
            /**
             * Insurer Id
             * Format: uuid
             */
            insurer_id: string;
            /** Reason */
            reason: string;
        };
        /**
         * InsurerOut
         * @description An insurer; `selected` says whether it may be chosen today.
         */
        InsurerOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Selected */
            selected: boolean;
            /** Selected Until */
            selected_until: string | null;
        };
        /**
         * InsurersOut
         * @description All insurers of the city.
         */
        InsurersOut: {
            /** Items */
            items: components["schemas"]["InsurerOut"][];
        };
        /**
         * InterestIn
         * @description What the bank's receipt says; the last day is not counted.
         */
        InterestIn: {
            /** Actual Fen */
            actual_fen: number;
            /** Bank Reference */
            bank_reference: string;
            /** File Sha256 */
            file_sha256: string;
            /**
             * Note
             * @default
             */
            note: string;
            /**
             * Posted On
             * Format: date
             */
            posted_on: string;
            /**
             * Until On
             * Format: date
             */
            until_on: string;
        };
        /**
         * InterestOut
         * @description Interest of a deposit, cut: what is the owners' by statute, what is value-added income.
         */
        InterestOut: {
            /** Actual Fen */
            actual_fen: number;
            /** Bank Name */
            bank_name: string;
            /** Bank Reference */
            bank_reference: string;
            /** Confirmed */
            confirmed: boolean | null;
            /** Decided At */
            decided_at: string | null;
            /**
             * Deposit Id
             * Format: uuid
             */
            deposit_id: string;
            /** Deposit Number */
            deposit_number: string;
            /**
             * Entered At
             * Format: date-time
             */
            entered_at: string;
            /** File Sha256 */
            file_sha256: string;
            /**
             * From On
             * Format: date
             */
            from_on: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Note */
            note: string;
            /** Owed Fen */
            owed_fen: number;
            /**
             * Posted On
             * Format: date
             */
            posted_on: string;
            /** Statutory Fen */
            statutory_fen: number;
            /** Turned Down Because */
            turned_down_because: string | null;
            /** Undone At */
            undone_at: string | null;
            /**
             * Until On
             * Format: date
             */
            until_on: string;
            /** Value Added Fen */
            value_added_fen: number;
        };
        /**
         * InterestUndoOut
         * @description The undoing of interest that was confirmed by mistake, as it was asked for.
         */
        InterestUndoOut: {
            /** Confirmed */
            confirmed: boolean | null;
            /** Decided At */
            decided_at: string | null;
            /**
             * Entered At
             * Format: date-time
             */
            entered_at: string;
            /** File Sha256 */
            file_sha256: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Interest Id
             * Format: uuid
             */
            interest_id: string;
            /** Reason */
            reason: string;
            /** Turned Down Because */
            turned_down_because: string | null;
        };
        /**
         * InvitationOut
         * @description An application by owners, for whoever has its link. `eligibility`: signed, may_sign, waiting,
         *     elsewhere, unknown or over; `words` say what that means, `afterwards` what comes next. The
         *     `initiator` is masked.
         */
        InvitationOut: {
            /** Account */
            account: string;
            /** Afterwards */
            afterwards: string;
            /**
             * Eligibility
             * @enum {string}
             */
            eligibility: "signed" | "may_sign" | "waiting" | "elsewhere" | "unknown" | "over";
            /** Estate */
            estate: string;
            /** Initiator */
            initiator: string;
            /** Insurer */
            insurer: string | null;
            /** Lifts */
            lifts: components["schemas"]["CaseLiftOut"][];
            /** Number */
            number: string;
            /** Places */
            places: components["schemas"]["PlaceOut"][];
            /**
             * Purchase Id
             * Format: uuid
             */
            purchase_id: string;
            signed: components["schemas"]["SignaturesOut"];
            /** State Name */
            state_name: string;
            /** Words */
            words: string;
        };
        /**
         * InvoiceIn
         * @description The premium invoice as its paper says it.
         */
        InvoiceIn: {
            /** Amount Fen */
            amount_fen: number;
            /** Buyer */
            buyer: string;
            /** File Sha256 */
            file_sha256: string;
            /**
             * Insurer Id
             * Format: uuid
             */
            insurer_id: string;
            /**
             * Issued On
             * Format: date
             */
            issued_on: string;
            /** Number */
            number: string;
        };
        /**
         * InvoiceOnRecordOut
         * @description The invoice that counts.
         */
        InvoiceOnRecordOut: {
            /** Amount Fen */
            amount_fen: number;
            /**
             * Issued On
             * Format: date
             */
            issued_on: string;
            /** Number */
            number: string;
        };
        /**
         * InvoiceOut
         * @description The invoice that counts.
         */
        InvoiceOut: {
            /** Amount Fen */
            amount_fen: number;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Insurer Id
             * Format: uuid
             */
            insurer_id: string;
            /** Number */
            number: string;
        };
        /**
         * JointApplicationOut
         * @description An application by owners together, which this person signed or may sign.
         */
        JointApplicationOut: {
            /** Account */
            account: string;
            /** Estate */
            estate: string;
            /** Number */
            number: string;
            /**
             * Purchase Id
             * Format: uuid
             */
            purchase_id: string;
            signed: components["schemas"]["SignaturesOut"];
            /** State */
            state: string;
            /** State Name */
            state_name: string;
        };
        /**
         * JointApplicationsOut
         * @description Those that wait for signatures first, then the latest.
         */
        JointApplicationsOut: {
            /** Items */
            items: components["schemas"]["JointApplicationOut"][];
        };
        /**
         * KeptGrantOut
         * @description A grant as its keepers see it.
         */
        KeptGrantOut: {
            /** Granted At */
            granted_at: string;
            /** Granted By */
            granted_by: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Person Id
             * Format: uuid
             */
            person_id: string;
            /** Role */
            role: string;
            /** Scope Id */
            scope_id: string | null;
            /** Scope Kind */
            scope_kind: string;
            /** Scope Name */
            scope_name: string | null;
            /** Stands In For */
            stands_in_for: string | null;
            /** Valid Until */
            valid_until: string | null;
        };
        /**
         * KindBalanceOut
         * @description All accounts of one kind together.
         */
        KindBalanceOut: {
            /** Balance Fen */
            balance_fen: number;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
        };
        /**
         * LeavingLiftIn
         * @description The lift that leaves the case, and why.
         */
        LeavingLiftIn: {
            /**
             * Lift Id
             * Format: uuid
             */
            lift_id: string;
            /** Reason */
            reason: string;
        };
        /**
         * LetterDueOut
         * @description A case on paper whose applicants have not been told of its last step (`since`) by letter;
         *     `printed` once only the delivery is missing.
         */
        LetterDueOut: {
            /** Estate */
            estate: string;
            /** Number */
            number: string;
            /** Printed */
            printed: boolean;
            /**
             * Purchase Id
             * Format: uuid
             */
            purchase_id: string;
            /** Since */
            since: string;
            /** State Name */
            state_name: string;
            /** Step Name */
            step_name: string;
        };
        /**
         * LiftCodeIn
         * @description The code on the certificate of use, and why it differs.
         */
        LiftCodeIn: {
            /** Reason */
            reason: string;
            /** Registration Code */
            registration_code: string;
        };
        /**
         * LiftForecastOut
         * @description A lift in its turn; without a year nothing comes in that could pay for it.
         */
        LiftForecastOut: {
            /** Closes In */
            closes_in: number | null;
            /** Covered Until */
            covered_until: string | null;
            /**
             * Lift Id
             * Format: uuid
             */
            lift_id: string;
            /** Needed Fen */
            needed_fen: number;
            /** Of Plan */
            of_plan: boolean;
            /** Premium Fen */
            premium_fen: number;
            /** Shortfall Fen */
            shortfall_fen: number;
            /** When */
            when: string;
            /** Words */
            words: string;
        };
        /**
         * LiftInPlanOut
         * @description A lift that the plan covers, and what that costs in fen.
         */
        LiftInPlanOut: {
            /** Name */
            name: string;
            /** Place */
            place: string;
            /** Premium Fen */
            premium_fen: number;
            /** Registration Code */
            registration_code: string;
        };
        /**
         * LiftOut
         * @description The lift itself.
         */
        LiftOut: {
            /** Address */
            address: string;
            /** Building */
            building: string;
            /** Estate */
            estate: string;
            /**
             * Installed On
             * Format: date
             */
            installed_on: string;
            /** Maintainer */
            maintainer: string | null;
            /** Maintainer Phone */
            maintainer_phone: string | null;
            /** Name */
            name: string;
            /** Next Inspection On */
            next_inspection_on: string | null;
            /** Registration Code */
            registration_code: string;
            /** Unit */
            unit: string;
        };
        /**
         * LiftPremiumIn
         * @description What one lift costs in fen.
         */
        LiftPremiumIn: {
            /**
             * Lift Id
             * Format: uuid
             */
            lift_id: string;
            /** Premium Fen */
            premium_fen: number;
        };
        /**
         * LiftPremiumOut
         * @description What one lift costs.
         */
        LiftPremiumOut: {
            /**
             * Lift Id
             * Format: uuid
             */
            lift_id: string;
            /** Premium Fen */
            premium_fen: number;
        };
        /**
         * LiftRetirementIn
         * @description When it was taken out, why, and for which other lift.
         */
        LiftRetirementIn: {
            /**
             * On
             * Format: date
             */
            on: string;
            /** Reason */
            reason: string;
            /**
             * Replaced By
             * @default null
             */
            replaced_by: string | null;
        };
        /**
         * LiftStopIn
         * @description Since when it stands still, and why.
         */
        LiftStopIn: {
            /** Reason */
            reason: string;
            /**
             * Since
             * Format: date
             */
            since: string;
        };
        /**
         * LineOut
         * @description A line of a statement, and what it is matched with, or what is to be said of it.
         */
        LineOut: {
            /** Amount Fen */
            amount_fen: number;
            /** Bank Reference */
            bank_reference: string;
            /** Counterparty */
            counterparty: string;
            /** Counterparty Account */
            counterparty_account: string;
            /**
             * Day
             * Format: date
             */
            day: string;
            /** Days Old */
            days_old: number;
            fit: components["schemas"]["Fit"] | null;
            /** Fits */
            fits: components["schemas"]["ThingOut"][];
            /**
             * Id
             * Format: uuid
             */
            id: string;
            matched: components["schemas"]["ThingOut"] | null;
            /** Purpose */
            purpose: string;
            /** Row */
            row: number;
            /** Words */
            words: string;
        };
        /**
         * LockIn
         * @description Up to which month's end the books are to be locked, or that they are to be open, and why.
         */
        LockIn: {
            /** Reason */
            reason: string;
            /** Until On */
            until_on: string | null;
        };
        /**
         * LockoutIn
         * @description Who is kept out, and why.
         */
        LockoutIn: {
            /**
             * Person Id
             * Format: uuid
             */
            person_id: string;
            /** Reason */
            reason: string;
        };
        /**
         * LockoutOut
         * @description A lockout as its keepers see it.
         */
        LockoutOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Lift Reason */
            lift_reason: string | null;
            /** Lifted At */
            lifted_at: string | null;
            /** Lifted By */
            lifted_by: string | null;
            /** Locked At */
            locked_at: string;
            /** Locked By */
            locked_by: string | null;
            /**
             * Person Id
             * Format: uuid
             */
            person_id: string;
            /** Reason */
            reason: string;
        };
        /**
         * LoginIn
         * @description What `wx.login` gave the mini-program.
         */
        LoginIn: {
            /** Code */
            code: string;
        };
        /**
         * ManagedEstateOut
         * @description An estate that this person manages, its mandate, and what its accounts can spend (fen).
         */
        ManagedEstateOut: {
            /** Accounts */
            accounts: components["schemas"]["AccountOut"][];
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /** Mandate Until */
            mandate_until: string | null;
            /** Mandate Words */
            mandate_words: string;
            /** Name */
            name: string;
        };
        /**
         * MatchIn
         * @description What the line is: an entry of the ledger, or a deposit's beginning or end.
         */
        MatchIn: {
            kind: components["schemas"]["ThingKind"];
            /**
             * Thing Id
             * Format: uuid
             */
            thing_id: string;
        };
        /**
         * MeOut
         * @description Everything this person may act as, now; name and phone are masked, null when not known.
         */
        MeOut: {
            /** Grants */
            grants: components["schemas"]["GrantOut"][];
            /** Homes */
            homes: components["schemas"]["HomeOut"][];
            /** Name Masked */
            name_masked: string | null;
            /**
             * Person Id
             * Format: uuid
             */
            person_id: string;
            /** Phone Masked */
            phone_masked: string | null;
            /** Phone Verified */
            phone_verified: boolean;
            /** Reachable */
            reachable: boolean;
            /** Seats */
            seats: components["schemas"]["SeatOut"][];
        };
        /**
         * MemberVerificationIn
         * @description The estate, and one's own name.
         */
        MemberVerificationIn: {
            /** Estate Code */
            estate_code: string;
            /** Name */
            name: string;
        };
        /**
         * MinutesIn
         * @description The minutes of a meeting about a plan, and their scan.
         */
        MinutesIn: {
            /** Answers */
            answers: components["schemas"]["SeatAnswerIn"][];
            /** File Sha256 */
            file_sha256: string;
            /**
             * Held On
             * Format: date
             */
            held_on: string;
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
        };
        /**
         * MyVoteOut
         * @description A vote as one of its owners sees it. Money in fen; `silent`: of `flats` those for which the
         *     owner has not voted; `on_paper`: the own word came on paper.
         */
        MyVoteOut: {
            /** Choice */
            choice: string | null;
            /** Choice Name */
            choice_name: string | null;
            /** Closes At */
            closes_at: string;
            /** Estate */
            estate: string;
            /** Flats */
            flats: string[];
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Insurer */
            insurer: string;
            /** Is Open */
            is_open: boolean;
            /** Number */
            number: string;
            /** On Paper */
            on_paper: boolean;
            /** Outcome */
            outcome: string | null;
            /** Premium Fen */
            premium_fen: number;
            /** Sentences */
            sentences: string[];
            /** Silent */
            silent: string[];
            terms: components["schemas"]["CoverTermsOut"];
            /** Words */
            words: string;
        };
        /**
         * MyVotesOut
         * @description The latest first.
         */
        MyVotesOut: {
            /** Items */
            items: components["schemas"]["MyVoteOut"][];
        };
        /**
         * NewAccountsOut
         * @description The accounts from now on.
         */
        NewAccountsOut: {
            /** Accounts */
            accounts: components["schemas"]["AccountPartOut"][];
        };
        /**
         * NextStartOut
         * @description Until when the next application begins so that cover goes on, and how that was counted.
         */
        NextStartOut: {
            /** Explanation */
            explanation: string[];
            /** Late */
            late: boolean;
            /**
             * On
             * Format: date
             */
            on: string;
            /** Words */
            words: string;
        };
        /**
         * NoticeOut
         * @description A notice that hangs now, with its plan in short.
         */
        NoticeOut: {
            /** Ends Before */
            ends_before: string;
            /**
             * Ends On
             * Format: date
             */
            ends_on: string;
            /** Explanation */
            explanation: components["schemas"]["ReasonOut"][];
            /** How Long */
            how_long: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Number */
            number: string;
            /** Objections */
            objections: components["schemas"]["ObjectionOut"][];
            /** Open To Objections */
            open_to_objections: boolean;
            plan: components["schemas"]["PlanOut"];
            /** Provisional */
            provisional: boolean;
            /**
             * Starts On
             * Format: date
             */
            starts_on: string;
            /** State */
            state: string;
            /** State Name */
            state_name: string;
        };
        /**
         * NoticePhotoOut
         * @description A photo of the posted notice: `words` describe it, `url` is a path on this host. Pixels.
         */
        NoticePhotoOut: {
            /** Captured At */
            captured_at: string;
            /**
             * Framing
             * @enum {string}
             */
            framing: "wide" | "close";
            /** Height */
            height: number;
            /**
             * Moment
             * @enum {string}
             */
            moment: "start" | "end";
            /** Place */
            place: string;
            /** Url */
            url: string;
            /** Width */
            width: number;
            /** Words */
            words: string;
        };
        /**
         * NoticeTextOut
         * @description A notice with its whole frozen text; amounts in fen and in words.
         */
        NoticeTextOut: {
            centre: components["schemas"]["CentreOut"];
            /** Content */
            content: {
                [key: string]: unknown;
            };
            /** Ends Before */
            ends_before: string;
            /**
             * Ends On
             * Format: date
             */
            ends_on: string;
            /** Estate */
            estate: string;
            /** Explanation */
            explanation: components["schemas"]["ReasonOut"][];
            /** How Long */
            how_long: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Number */
            number: string;
            objection_counts: components["schemas"]["ObjectionCountsOut"];
            /** Objections */
            objections: components["schemas"]["ObjectionOut"][];
            /** Open To Objections */
            open_to_objections: boolean;
            /** Photos */
            photos: components["schemas"]["NoticePhotoOut"][];
            /** Photos Taken Down */
            photos_taken_down: string[];
            /** Provisional */
            provisional: boolean;
            /**
             * Starts On
             * Format: date
             */
            starts_on: string;
            /** State */
            state: string;
            /** State Name */
            state_name: string;
        };
        /**
         * ObjectionAnswerIn
         * @description What is published, masked; `checked` once the officer saw how it will read.
         */
        ObjectionAnswerIn: {
            /** Answer */
            answer: string;
            /**
             * Checked
             * @default false
             */
            checked: boolean;
        };
        /**
         * ObjectionCountsOut
         * @description How many objections came, and how many still wait for an answer.
         */
        ObjectionCountsOut: {
            /** Open */
            open: number;
            /** Total */
            total: number;
        };
        /**
         * ObjectionIn
         * @description What the owner objects to.
         */
        ObjectionIn: {
            /** Kind */
            kind: string;
            /**
             * Photos
             * @default []
             */
            photos: string[];
            /**
             * Publish Text
             * @default false
             */
            publish_text: boolean;
            /**
             * Signature
             * @default null
             */
            signature: string | null;
            /** Text */
            text: string;
        };
        /**
         * ObjectionKindOut
         * @description A kind of objection, and help on what makes one of it valid.
         */
        ObjectionKindOut: {
            /** Help */
            help: string;
            /** Key */
            key: string;
            /** Name */
            name: string;
        };
        /**
         * ObjectionOut
         * @description Number, kind and answer (个人信息保护法 25, 28); `text` only if its author asked for that.
         */
        ObjectionOut: {
            /** Answer */
            answer: string | null;
            /** Kind */
            kind: string;
            /** Kind Name */
            kind_name: string;
            /** Number */
            number: string;
            /** Status */
            status: string;
            /** Status Name */
            status_name: string;
            /** Text */
            text: string | null;
        };
        /**
         * ObjectionStatusOut
         * @description How the objection now stands.
         */
        ObjectionStatusOut: {
            /** Answer */
            answer: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Number */
            number: string;
            /** Status */
            status: string;
        };
        /**
         * OpenLineOut
         * @description A line of the bank that the books lack.
         */
        OpenLineOut: {
            /** Amount Fen */
            amount_fen: number;
            /** Bank Reference */
            bank_reference: string;
            /** Counterparty */
            counterparty: string;
            /**
             * Day
             * Format: date
             */
            day: string;
            /** Days Old */
            days_old: number;
            /**
             * Line Id
             * Format: uuid
             */
            line_id: string;
            /** Purpose */
            purpose: string;
        };
        /**
         * OpenRectificationRequestOut
         * @description A request that waits; the name is masked, null when none was given.
         */
        OpenRectificationRequestOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Made At */
            made_at: string;
            /** Masked Name */
            masked_name: string | null;
            /** Text */
            text: string;
            /** What */
            what: string;
        };
        /**
         * OpenThingOut
         * @description What the books have and the bank lacks.
         */
        OpenThingOut: {
            /** Days Old */
            days_old: number;
            thing: components["schemas"]["ThingOut"];
        };
        /**
         * OpenVerificationOut
         * @description A verification that waits; the name is masked until it is unmasked.
         */
        OpenVerificationOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Made At */
            made_at: string;
            /** Masked Name */
            masked_name: string;
            /** On Roster */
            on_roster: boolean;
            /** Place */
            place: string;
            /** Taken */
            taken: boolean;
        };
        /**
         * OpeningCorrectionIn
         * @description What the opening should have said, in fen; what is left out is right.
         */
        OpeningCorrectionIn: {
            /**
             * Bank Fen
             * @default null
             */
            bank_fen: number | null;
            /** File Sha256 */
            file_sha256: string;
            /**
             * Pools
             * @default []
             */
            pools: components["schemas"]["PoolFigureIn"][];
            /** Reason */
            reason: string;
            /**
             * Statutory Fen
             * @default null
             */
            statutory_fen: number | null;
        };
        /**
         * OpeningCorrectionOut
         * @description Other figures of an opening; `decided_at` is null while it waits for another officer than
         *     `entered_by`, who confirms it or turns it down.
         */
        OpeningCorrectionOut: {
            /** Confirmed */
            confirmed: boolean | null;
            /** Decided At */
            decided_at: string | null;
            /** Entered At */
            entered_at: string;
            /**
             * Entered By
             * Format: uuid
             */
            entered_by: string;
            /** Figures */
            figures: components["schemas"]["FigureOut"][];
            /** File Sha256 */
            file_sha256: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Opening Id
             * Format: uuid
             */
            opening_id: string;
            /** Reason */
            reason: string;
            /** Turned Down Because */
            turned_down_because: string | null;
        };
        /**
         * OpeningIn
         * @description Whether flats without an owner on the roster are the developer's.
         */
        OpeningIn: {
            /**
             * Unsold Confirmed
             * @default false
             */
            unsold_confirmed: boolean;
        };
        /**
         * OpeningOut
         * @description What one workbook brought in at one bank, as it stands after its corrections, in fen.
         */
        OpeningOut: {
            /** Bank Fen */
            bank_fen: number;
            /**
             * Bank Id
             * Format: uuid
             */
            bank_id: string;
            /** Bank Name */
            bank_name: string;
            /** Bank Number */
            bank_number: string;
            /**
             * Booked On
             * Format: date
             */
            booked_on: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Pools Fen */
            pools_fen: number;
            /** Principal Fen */
            principal_fen: number;
            /** Statutory Fen */
            statutory_fen: number;
        };
        /**
         * OwnApplicationIn
         * @description The title, and the maintainer's word or last record.
         */
        OwnApplicationIn: {
            /** Title Sha256 */
            title_sha256: string;
            /** Upkeep Record Sha256 */
            upkeep_record_sha256: string;
        };
        /**
         * OwnCaseOut
         * @description A case for the applying side: what it is about, what it waits for, by whom and until when
         *     (`todos`), and what this person can do about it (`doings`). `is_mine`: they act for those who
         *     applied. `form_made_here`: the signed form is made of the signatures in the product.
         */
        OwnCaseOut: {
            /** Account */
            account: string;
            /** Account Number */
            account_number: string;
            /** Applicant */
            applicant: string;
            /** Applicant Name */
            applicant_name: string;
            /** Available Fen */
            available_fen: number;
            contract: components["schemas"]["ContractOnRecordOut"] | null;
            /** Deposit Fen */
            deposit_fen: number | null;
            /** Doings */
            doings: components["schemas"]["DoingOut"][];
            /** Estate */
            estate: string;
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /** Form Made Here */
            form_made_here: boolean;
            /** Happened */
            happened: components["schemas"]["HappenedOut"][];
            /** Held Fen */
            held_fen: number;
            /** Insurer */
            insurer: string | null;
            /** Insurer Id */
            insurer_id: string | null;
            invoice: components["schemas"]["InvoiceOnRecordOut"] | null;
            /** Invoice Buyers */
            invoice_buyers: string[];
            /** Is Closed */
            is_closed: boolean;
            /** Is Mine */
            is_mine: boolean;
            /** Lifts */
            lifts: components["schemas"]["CaseLiftOut"][];
            next_start: components["schemas"]["NextStartOut"] | null;
            /** Number */
            number: string;
            /** Premium Fen */
            premium_fen: number | null;
            /**
             * Purchase Id
             * Format: uuid
             */
            purchase_id: string;
            signed: components["schemas"]["SignaturesOut"] | null;
            /** State Name */
            state_name: string;
            /** Todos */
            todos: components["schemas"]["TodoOut"][];
            /** Version */
            version: number;
            /** Warranty And Fee */
            warranty_and_fee: string | null;
        };
        /**
         * OwnObjectionOut
         * @description An objection as its author reads it; `answer_before` is null when no answer is owed.
         */
        OwnObjectionOut: {
            /** Answer */
            answer: string | null;
            /** Answer Before */
            answer_before: string | null;
            /** Answered At */
            answered_at: string | null;
            /** Can Withdraw */
            can_withdraw: boolean;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Kind Name */
            kind_name: string;
            /** Next */
            next: string;
            /**
             * Notice Id
             * Format: uuid
             */
            notice_id: string;
            /** Notice Number */
            notice_number: string;
            /** Number */
            number: string;
            /** Photos */
            photos: string[];
            /** Publication */
            publication: string;
            /** Publication Name */
            publication_name: string;
            /** Publication Reason */
            publication_reason: string | null;
            /** Published Text */
            published_text: string | null;
            /** Receipt Url */
            receipt_url: string;
            /** Received At */
            received_at: string;
            /** Status */
            status: string;
            /** Status Name */
            status_name: string;
            /** Text */
            text: string;
        };
        /**
         * OwnObjectionsOut
         * @description The latest first.
         */
        OwnObjectionsOut: {
            /** Items */
            items: components["schemas"]["OwnObjectionOut"][];
        };
        /**
         * OwnVerificationOut
         * @description What this person said to be, and the centre's word on it.
         */
        OwnVerificationOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind Name */
            kind_name: string;
            /** Made At */
            made_at: string;
            /** Place */
            place: string;
            /** Reason */
            reason: string | null;
            /** State */
            state: string;
            /** State Name */
            state_name: string;
        };
        /**
         * OwnVerificationsOut
         * @description The latest first.
         */
        OwnVerificationsOut: {
            /** Items */
            items: components["schemas"]["OwnVerificationOut"][];
        };
        /**
         * OwnerIn
         * @description A flat and the whole name of its owner, as they stand on the paper.
         */
        OwnerIn: {
            /** Building */
            building: string;
            /** Name */
            name: string;
            /** Room */
            room: string;
            /** Unit */
            unit: string;
        };
        /**
         * OwnerVerificationIn
         * @description The flat, as on the roster, and one's own name.
         */
        OwnerVerificationIn: {
            /** Building */
            building: string;
            /** Estate Code */
            estate_code: string;
            /** Name */
            name: string;
            /** Room */
            room: string;
            /** Unit */
            unit: string;
        };
        /**
         * OwnerVerificationOut
         * @description The verification; it waits for the centre, right or wrong.
         */
        OwnerVerificationOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
        };
        /**
         * OwnershipIn
         * @description The owner as the land register names them, and on what it rests.
         */
        OwnershipIn: {
            /** Building */
            building: string;
            /** Estate Code */
            estate_code: string;
            /** Name */
            name: string;
            /** Reason */
            reason: string;
            /** Room */
            room: string;
            /** Unit */
            unit: string;
        };
        /** Page[BankStatementOut] */
        Page_BankStatementOut_: {
            /** Items */
            items: components["schemas"]["BankStatementOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[CaseOut] */
        Page_CaseOut_: {
            /** Items */
            items: components["schemas"]["CaseOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[ChainLinkOut] */
        Page_ChainLinkOut_: {
            /** Items */
            items: components["schemas"]["ChainLinkOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[CloseOut] */
        Page_CloseOut_: {
            /** Items */
            items: components["schemas"]["CloseOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[DepositOut] */
        Page_DepositOut_: {
            /** Items */
            items: components["schemas"]["DepositOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[EstateOut] */
        Page_EstateOut_: {
            /** Items */
            items: components["schemas"]["EstateOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[HouseholdShareOut] */
        Page_HouseholdShareOut_: {
            /** Items */
            items: components["schemas"]["HouseholdShareOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[InterestOut] */
        Page_InterestOut_: {
            /** Items */
            items: components["schemas"]["InterestOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[KeptGrantOut] */
        Page_KeptGrantOut_: {
            /** Items */
            items: components["schemas"]["KeptGrantOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[LockoutOut] */
        Page_LockoutOut_: {
            /** Items */
            items: components["schemas"]["LockoutOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[OpenRectificationRequestOut] */
        Page_OpenRectificationRequestOut_: {
            /** Items */
            items: components["schemas"]["OpenRectificationRequestOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[OpenVerificationOut] */
        Page_OpenVerificationOut_: {
            /** Items */
            items: components["schemas"]["OpenVerificationOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[OpeningOut] */
        Page_OpeningOut_: {
            /** Items */
            items: components["schemas"]["OpeningOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[PastIncomeOut] */
        Page_PastIncomeOut_: {
            /** Items */
            items: components["schemas"]["PastIncomeOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[PeriodLockOut] */
        Page_PeriodLockOut_: {
            /** Items */
            items: components["schemas"]["PeriodLockOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[RunningDeadlineOut] */
        Page_RunningDeadlineOut_: {
            /** Items */
            items: components["schemas"]["RunningDeadlineOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[ShareOut] */
        Page_ShareOut_: {
            /** Items */
            items: components["schemas"]["ShareOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** Page[TransferOut] */
        Page_TransferOut_: {
            /** Items */
            items: components["schemas"]["TransferOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * PaperApplicationIn
         * @description What owners without a phone apply for: lifts, account, insurer; who signed, and the scan.
         */
        PaperApplicationIn: {
            /**
             * Account Id
             * @default null
             */
            account_id: string | null;
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /** File Sha256 */
            file_sha256: string;
            /**
             * Insurer Id
             * @default null
             */
            insurer_id: string | null;
            /** Lift Ids */
            lift_ids: string[];
            /**
             * Namesakes Checked
             * @default false
             */
            namesakes_checked: boolean;
            /** Route */
            route: string;
            /** Signatures */
            signatures: components["schemas"]["SignedOnPaperIn"][];
        };
        /**
         * PaperBallotIn
         * @description A ballot on paper; `proxy` where another owner cast it for this one.
         */
        PaperBallotIn: {
            /** Building */
            building: string;
            choice: components["schemas"]["Choice"];
            /** Name */
            name: string;
            /** @default null */
            proxy: components["schemas"]["OwnerIn"] | null;
            /** Room */
            room: string;
            /** Unit */
            unit: string;
        };
        /**
         * PaperBallotsIn
         * @description Ballots, their scan, and when the centre got them.
         */
        PaperBallotsIn: {
            /** Ballots */
            ballots: components["schemas"]["PaperBallotIn"][];
            /** File Sha256 */
            file_sha256: string;
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
        };
        /**
         * PaperEntryOut
         * @description What the paper says, line by line, with names in part; `decided_at` is null while it waits
         *     for another clerk than `entered_by`, who compares it with the scan or turns it down.
         */
        PaperEntryOut: {
            /** Confirmed */
            confirmed: boolean | null;
            /** Decided At */
            decided_at: string | null;
            /** Entered At */
            entered_at: string;
            /**
             * Entered By
             * Format: uuid
             */
            entered_by: string;
            /** Estate */
            estate: string;
            /** File Sha256 */
            file_sha256: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Kind Name */
            kind_name: string;
            /** Lines */
            lines: string[];
            /** Number */
            number: string;
            /**
             * Purchase Id
             * Format: uuid
             */
            purchase_id: string;
            /** Received At */
            received_at: string;
            /** Turned Down Because */
            turned_down_because: string | null;
        };
        /**
         * PaperIn
         * @description The scan of a signed paper.
         */
        PaperIn: {
            /** File Sha256 */
            file_sha256: string;
        };
        /**
         * PaperObjectionIn
         * @description An objection handed in on paper, with the time it was received.
         */
        PaperObjectionIn: {
            /** File Sha256 */
            file_sha256: string;
            /** Kind */
            kind: string;
            /** Objector */
            objector: string;
            /**
             * Owner Id
             * @default null
             */
            owner_id: string | null;
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
            /** Text */
            text: string;
        };
        /**
         * PaperWithdrawalIn
         * @description Whose signature is taken back, and the scan of the letter that says so.
         */
        PaperWithdrawalIn: {
            /** Building */
            building: string;
            /** File Sha256 */
            file_sha256: string;
            /** Name */
            name: string;
            /** Room */
            room: string;
            /** Unit */
            unit: string;
        };
        /**
         * PartInNoticeOut
         * @description `eligibility`: affected, waiting, elsewhere or unknown; `words` say what that means,
         *     `effect` what an objection would bring about; `channels`: mini_program, paper or both.
         */
        PartInNoticeOut: {
            /** Channels */
            channels: string[];
            /** Effect */
            effect: string;
            /** Eligibility */
            eligibility: string;
            filed: components["schemas"]["FiledBeforeOut"] | null;
            /** Homes */
            homes: string[];
            /**
             * Notice Id
             * Format: uuid
             */
            notice_id: string;
            /** Number */
            number: string;
            /** Places */
            places: components["schemas"]["PlaceOut"][];
            /** Words */
            words: string;
        };
        /**
         * PastIncomeBackIn
         * @description Why it counts no more, and the paper that shows it.
         */
        PastIncomeBackIn: {
            /** File Sha256 */
            file_sha256: string;
            /** Reason */
            reason: string;
        };
        /**
         * PastIncomeIn
         * @description What counts for a year, as a paper says, in fen.
         */
        PastIncomeIn: {
            /** File Sha256 */
            file_sha256: string;
            /** Note */
            note: string;
            /** Statutory Fen */
            statutory_fen: number;
            /** Value Added Fen */
            value_added_fen: number;
            /** Year */
            year: number;
        };
        /**
         * PastIncomeOut
         * @description Income of before these books, by the year whose close shares it, in fen.
         */
        PastIncomeOut: {
            /** Confirmed */
            confirmed: boolean | null;
            /** Decided At */
            decided_at: string | null;
            /**
             * Entered At
             * Format: date-time
             */
            entered_at: string;
            /** File Sha256 */
            file_sha256: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Note */
            note: string;
            /** Statutory Fen */
            statutory_fen: number;
            /** Turned Down Because */
            turned_down_because: string | null;
            /** Undoes Id */
            undoes_id: string | null;
            /** Undone */
            undone: boolean;
            /** Value Added Fen */
            value_added_fen: number;
            /** Year */
            year: number;
        };
        /**
         * PastOut
         * @description A cover or notice that is over; `number` is the notice's.
         */
        PastOut: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "cover" | "notice";
            /**
             * Last Day
             * Format: date
             */
            last_day: string;
            /** Number */
            number: string | null;
            /**
             * Starts On
             * Format: date
             */
            starts_on: string;
            /** Text */
            text: string;
            /** Title */
            title: string;
        };
        /**
         * PayeeChangeIn
         * @description The account that is to be paid, and the insurer's letter.
         */
        PayeeChangeIn: {
            /** Bank Account */
            bank_account: string;
            /** Bank Name */
            bank_name: string;
            /** File Sha256 */
            file_sha256: string;
            /** Reason */
            reason: string;
        };
        /**
         * PayeeChangeOut
         * @description From which account to which; `decided_at` is null while it waits for another officer than
         *     `entered_by`, who confirms it or turns it down.
         */
        PayeeChangeOut: {
            /** Bank Account */
            bank_account: string;
            /** Bank Name */
            bank_name: string;
            /** Confirmed */
            confirmed: boolean | null;
            /** Decided At */
            decided_at: string | null;
            /** Entered At */
            entered_at: string;
            /**
             * Entered By
             * Format: uuid
             */
            entered_by: string;
            /** File Sha256 */
            file_sha256: string;
            /** Former Account */
            former_account: string;
            /** Former Bank */
            former_bank: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Insurer */
            insurer: string;
            /**
             * Insurer Id
             * Format: uuid
             */
            insurer_id: string;
            /** Reason */
            reason: string;
            /** Turned Down Because */
            turned_down_because: string | null;
        };
        /**
         * PayeeOriginOut
         * @description Which two officers gave the insurer this account, by masked names, and when.
         */
        PayeeOriginOut: {
            /** Confirmed At */
            confirmed_at: string;
            /** Confirmed By */
            confirmed_by: string;
            /** Entered At */
            entered_at: string;
            /** Entered By */
            entered_by: string;
        };
        /**
         * PayeeOut
         * @description The insurer's account: as the contract has it (`signed`), before there is one as the register
         *     has it. `origin` is null for the account that came with the insurer, `paid_elsewhere_before`
         *     where no premium ever reached the insurer; `left`: the register has another one by now.
         */
        PayeeOut: {
            /** Account */
            account: string;
            /** Bank */
            bank: string;
            /** Left */
            left: boolean;
            /** Name */
            name: string;
            origin: components["schemas"]["PayeeOriginOut"] | null;
            /** Paid Elsewhere Before */
            paid_elsewhere_before: boolean | null;
            /** Signed */
            signed: boolean;
        };
        /**
         * PaymentBanksOut
         * @description To whom the premium of a case goes, null before an insurer is chosen, and where its money
         *     lies.
         */
        PaymentBanksOut: {
            /** Items */
            items: components["schemas"]["BankOut"][];
            payee: components["schemas"]["PayeeOut"] | null;
        };
        /**
         * PaymentOrderIn
         * @description The bank account that pays, needed only where the money lies at several; whether the payer
         *     knows that the cover has begun, needed only where it has.
         */
        PaymentOrderIn: {
            /**
             * Bank Id
             * @default null
             */
            bank_id: string | null;
            /**
             * Begun Cover Known
             * @default false
             */
            begun_cover_known: boolean;
        };
        /**
         * PaymentOut
         * @description The order to the bank.
         */
        PaymentOut: {
            /** Amount Fen */
            amount_fen: number;
            /**
             * Bank Id
             * Format: uuid
             */
            bank_id: string;
            /** Number */
            number: string;
            /** Ordered At */
            ordered_at: string;
            /** Payee Account */
            payee_account: string;
            /** Payee Bank */
            payee_bank: string;
            /** Payee Name */
            payee_name: string;
            /** State */
            state: string;
        };
        /**
         * PaymentRejectionIn
         * @description Why the bank refused, and whether the account is at fault.
         */
        PaymentRejectionIn: {
            /**
             * Account Unusable
             * @default false
             */
            account_unusable: boolean;
            /** Reason */
            reason: string;
        };
        /**
         * PaymentReturnIn
         * @description The bank's receipt for the money that came back, why it did, and whether the account is at
         *     fault.
         */
        PaymentReturnIn: {
            /**
             * Account Unusable
             * @default false
             */
            account_unusable: boolean;
            /** Reason */
            reason: string;
            /** Receipt Sha256 */
            receipt_sha256: string;
        };
        /**
         * PeriodLockOut
         * @description A change of the day up to which the books are locked; None: they are open.
         */
        PeriodLockOut: {
            /** Close Year */
            close_year: number | null;
            /** Confirmed */
            confirmed: boolean | null;
            /** Decided At */
            decided_at: string | null;
            /**
             * Entered At
             * Format: date-time
             */
            entered_at: string;
            /** Former Until On */
            former_until_on: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Reason */
            reason: string;
            /** Turned Down Because */
            turned_down_because: string | null;
            /** Until On */
            until_on: string | null;
        };
        /**
         * PhoneIn
         * @description One of the two: what the phone number button gave, or a number typed by hand.
         */
        PhoneIn: {
            /**
             * Code
             * @default null
             */
            code: string | null;
            /**
             * Phone
             * @default null
             */
            phone: string | null;
        };
        /**
         * PhoneOut
         * @description The number as kept, the homes and seats it proves, and what that means.
         */
        PhoneOut: {
            /** Homes */
            homes: components["schemas"]["HomeOut"][];
            /** Message */
            message: string;
            /** Phone Masked */
            phone_masked: string;
            /** Seats */
            seats: components["schemas"]["SeatOut"][];
            /** Verified */
            verified: boolean;
        };
        /**
         * PhotoGivenOut
         * @description A photo that counts.
         */
        PhotoGivenOut: {
            /** Captured At */
            captured_at: string;
            /** Sha256 */
            sha256: string;
        };
        /**
         * PhotoIn
         * @description A photo of the posted notice: where, when, wide or close.
         */
        PhotoIn: {
            /**
             * Captured At
             * @default null
             */
            captured_at: string | null;
            /** File Sha256 */
            file_sha256: string;
            /**
             * Framing
             * @enum {string}
             */
            framing: "wide" | "close";
            /**
             * Moment
             * @enum {string}
             */
            moment: "start" | "end";
            /**
             * Poster Sha256
             * @default null
             */
            poster_sha256: string | null;
            /**
             * Unit Id
             * Format: uuid
             */
            unit_id: string;
        };
        /**
         * PhotoReasonIn
         * @description Which photo, and why.
         */
        PhotoReasonIn: {
            /** File Sha256 */
            file_sha256: string;
            /** Reason */
            reason: string;
        };
        /**
         * PhotoWarningOut
         * @description What might be better about a photo that was taken in all the same.
         */
        PhotoWarningOut: {
            /** Code */
            code: string;
            /** Message */
            message: string;
        };
        /**
         * PhotosGivenOut
         * @description The photos of a place at one moment.
         */
        PhotosGivenOut: {
            close: components["schemas"]["PhotoGivenOut"] | null;
            wide: components["schemas"]["PhotoGivenOut"] | null;
        };
        /**
         * PlaceNameIn
         * @description The name from now on, and why.
         */
        PlaceNameIn: {
            /** Name */
            name: string;
            /** Reason */
            reason: string;
        };
        /**
         * PlaceOut
         * @description A unit as one names it when claiming a flat there.
         */
        PlaceOut: {
            /** Building */
            building: string;
            /** Estate */
            estate: string;
            /** Estate Code */
            estate_code: string;
            /** Unit */
            unit: string;
        };
        /**
         * PlacePostedOut
         * @description A place of the notice with its photos.
         */
        PlacePostedOut: {
            end: components["schemas"]["PhotosGivenOut"];
            /** Name */
            name: string;
            start: components["schemas"]["PhotosGivenOut"];
            /**
             * Unit Id
             * Format: uuid
             */
            unit_id: string;
        };
        /**
         * PlanIn
         * @description A plan: premium per lift, cover from a day until before another.
         */
        PlanIn: {
            /**
             * Cover Ends Before
             * Format: date
             */
            cover_ends_before: string;
            /**
             * Cover From
             * Format: date
             */
            cover_from: string;
            /** Deductible Fen */
            deductible_fen: number;
            /** Exclusions */
            exclusions: string;
            /** Lifts */
            lifts: components["schemas"]["LiftPremiumIn"][];
            /** Scope Of Cover */
            scope_of_cover: string;
            /** Service Commitments */
            service_commitments: string;
            /** Sum Insured Fen */
            sum_insured_fen: number;
        };
        /**
         * PlanOut
         * @description The plan in short. Money in fen; `premium_fen` is for all lifts of the plan.
         */
        PlanOut: {
            /** Insurer */
            insurer: string;
            /** Lift Premium Fen */
            lift_premium_fen: number;
            /** Premium Fen */
            premium_fen: number;
            terms: components["schemas"]["CoverTermsOut"];
        };
        /**
         * PlanToAnswerOut
         * @description A frozen plan as a member decides on it. Money in fen; `due` is the first moment too late.
         */
        PlanToAnswerOut: {
            /** Account */
            account: string;
            /** Available Fen */
            available_fen: number;
            /** Changes */
            changes: components["schemas"]["ChangeOut"][];
            /** Content Hash */
            content_hash: string;
            /** Due */
            due: string | null;
            /** Due Words */
            due_words: string;
            /** Estate */
            estate: string;
            /** Insurer */
            insurer: string;
            /** Lifts */
            lifts: components["schemas"]["LiftInPlanOut"][];
            /** My Answer */
            my_answer: string | null;
            /** Number */
            number: string;
            /**
             * Plan Id
             * Format: uuid
             */
            plan_id: string;
            /** Premium Fen */
            premium_fen: number;
            /**
             * Purchase Id
             * Format: uuid
             */
            purchase_id: string;
            /** Revision */
            revision: number;
            tally: components["schemas"]["TallySoFarOut"];
            terms: components["schemas"]["CoverTermsOut"];
        };
        /**
         * PlansToAnswerOut
         * @description The oldest first.
         */
        PlansToAnswerOut: {
            /** Items */
            items: components["schemas"]["PlanToAnswerOut"][];
        };
        /**
         * PolicyCorrectionIn
         * @description The policy once more, and why.
         */
        PolicyCorrectionIn: {
            /**
             * Answers For Days Before
             * @default false
             */
            answers_for_days_before: boolean;
            /**
             * Cover From
             * Format: date
             */
            cover_from: string;
            /**
             * Cover Last Day
             * Format: date
             */
            cover_last_day: string;
            /** File Sha256 */
            file_sha256: string;
            /**
             * Issued On
             * Format: date
             */
            issued_on: string;
            /** Lift Codes */
            lift_codes: string[];
            /** Number */
            number: string;
            /** Premium Fen */
            premium_fen: number;
            /** Reason */
            reason: string;
        };
        /**
         * PolicyIn
         * @description The policy as its paper says it; its last day is still covered.
         */
        PolicyIn: {
            /**
             * Answers For Days Before
             * @default false
             */
            answers_for_days_before: boolean;
            /**
             * Cover From
             * Format: date
             */
            cover_from: string;
            /**
             * Cover Last Day
             * Format: date
             */
            cover_last_day: string;
            /** File Sha256 */
            file_sha256: string;
            /**
             * Issued On
             * Format: date
             */
            issued_on: string;
            /** Lift Codes */
            lift_codes: string[];
            /** Number */
            number: string;
            /** Premium Fen */
            premium_fen: number;
        };
        /**
         * PoolFigureIn
         * @description What a pooled account should have begun with, in fen.
         */
        PoolFigureIn: {
            /**
             * Account Id
             * Format: uuid
             */
            account_id: string;
            /** Fen */
            fen: number;
        };
        /**
         * PostedNoticeOut
         * @description The notice, and how long it hangs once it began, in words.
         */
        PostedNoticeOut: {
            /** Ends Before */
            ends_before: string | null;
            /** Ends On */
            ends_on: string | null;
            /** How Long */
            how_long: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Number */
            number: string;
            /**
             * Purchase Id
             * Format: uuid
             */
            purchase_id: string;
            /** Starts On */
            starts_on: string | null;
            /** State */
            state: string;
        };
        /**
         * PosterIn
         * @description A poster: a lift's cab card or about sheet, or a notice for one of its units.
         */
        PosterIn: {
            /**
             * Bleed
             * @default false
             */
            bleed: boolean;
            /**
             * Format
             * @default png
             * @enum {string}
             */
            format: "png" | "pdf";
            /**
             * Kind
             * @enum {string}
             */
            kind: "cab_card" | "lobby_notice" | "about_sheet";
            /**
             * Lift Id
             * @default null
             */
            lift_id: string | null;
            /**
             * Notice Id
             * @default null
             */
            notice_id: string | null;
            /**
             * Paper
             * @default A4
             * @enum {string}
             */
            paper: "A4" | "A3";
            /**
             * Unit Id
             * @default null
             */
            unit_id: string | null;
        };
        /**
         * PosterMadeOut
         * @description A poster that was made of this notice.
         */
        PosterMadeOut: {
            /** Kind */
            kind: string;
            /** Made At */
            made_at: string;
            /** Paper */
            paper: string;
            /** Sha256 */
            sha256: string;
            /**
             * Unit Id
             * Format: uuid
             */
            unit_id: string;
        };
        /**
         * PosterOut
         * @description A kept poster. `missing` are letters that no font has: it shows 〓 for them.
         */
        PosterOut: {
            /** Media Type */
            media_type: string;
            /** Missing */
            missing: string;
            /** Sha256 */
            sha256: string;
            /** Url */
            url: string;
        };
        /**
         * PostingGuideOut
         * @description How far the posting is: each place needs these `framings`, at the start and at the end;
         *     `hint` says how to take the photos.
         */
        PostingGuideOut: {
            /** Framings */
            framings: string[];
            /** Hint */
            hint: string;
            notice: components["schemas"]["PostedNoticeOut"];
            /** Places */
            places: components["schemas"]["PlacePostedOut"][];
            /** Posters */
            posters: components["schemas"]["PosterMadeOut"][];
        };
        /**
         * PrintFailureOut
         * @description A poster that could not be made, and why.
         */
        PrintFailureOut: {
            /** Name */
            name: string;
            /** Place */
            place: string;
            /** Reason */
            reason: string;
        };
        /**
         * PrintOrderIn
         * @description Which posters of an estate to make.
         */
        PrintOrderIn: {
            /**
             * Bleed
             * @default false
             */
            bleed: boolean;
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /**
             * Format
             * @default pdf
             * @enum {string}
             */
            format: "png" | "pdf";
            /** Kinds */
            kinds: ("cab_card" | "lobby_notice" | "about_sheet")[];
            /**
             * Paper
             * @default A4
             * @enum {string}
             */
            paper: "A4" | "A3";
        };
        /**
         * PrintOrderOut
         * @description How far an order is: `done` of `total` posters are settled; `url` leads to the ZIP.
         */
        PrintOrderOut: {
            /** Done */
            done: number;
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /** Failures */
            failures: components["schemas"]["PrintFailureOut"][];
            /** Finished At */
            finished_at: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Ordered At */
            ordered_at: string;
            state: components["schemas"]["PrintOrderState"];
            /** Total */
            total: number;
            /** Url */
            url: string | null;
        };
        /**
         * PrintOrderState
         * @description `open` until the ZIP is there.
         * @enum {string}
         */
        PrintOrderState: "open" | "done";
        /**
         * PrivacyOut
         * @description What is kept about people, in plain paragraphs.
         */
        PrivacyOut: {
            /** Paragraphs */
            paragraphs: string[];
            /** Title */
            title: string;
        };
        /**
         * PublicAccountOut
         * @description 公开账目 of an estate (民法典 281): its pooled accounts by year, policies, notices. Nobody is
         *     named in it. `about` says in sentences whose money this is.
         */
        PublicAccountOut: {
            /** About */
            about: string[];
            /** Address */
            address: string;
            centre: components["schemas"]["CentreOut"];
            /** Estate */
            estate: string;
            /** Notices */
            notices: components["schemas"]["AnsweredNoticeOut"][];
            /** Policies */
            policies: components["schemas"]["PublicPolicyOut"][];
            /** Pools */
            pools: components["schemas"]["PublicPoolOut"][];
        };
        /**
         * PublicLiftOut
         * @description Everything that everyone may know of one lift.
         *
         *     `headline` says whether it is insured, `payer` who pays today, `object_by` until when owners may
         *     object (null when nothing is open to that); `meaning` says more.
         */
        PublicLiftOut: {
            centre: components["schemas"]["CentreOut"];
            cover: components["schemas"]["CoverOut"] | null;
            /** Covered */
            covered: boolean;
            emergency: components["schemas"]["EmergencyOut"];
            funding: components["schemas"]["FundingOut"] | null;
            /** Headline */
            headline: string;
            /** History */
            history: components["schemas"]["PastOut"][];
            lift: components["schemas"]["LiftOut"];
            /** Meaning */
            meaning: string;
            /** Notices */
            notices: components["schemas"]["NoticeOut"][];
            /** Object By */
            object_by: string | null;
            /** Payer */
            payer: string;
            upcoming: components["schemas"]["UpcomingOut"] | null;
        };
        /**
         * PublicPolicyOut
         * @description A policy of the estate; `last_day` is still covered. `premium_fen` is null for one that was
         *     not bought here.
         */
        PublicPolicyOut: {
            /** Insurer */
            insurer: string;
            /**
             * Last Day
             * Format: date
             */
            last_day: string;
            /** Lifts */
            lifts: number;
            /** Number */
            number: string;
            /** Premium Fen */
            premium_fen: number | null;
            /**
             * Starts On
             * Format: date
             */
            starts_on: string;
        };
        /**
         * PublicPoolOut
         * @description A pooled account: `held_fen` of its balance is kept for cases that are under way.
         */
        PublicPoolOut: {
            /** Balance Fen */
            balance_fen: number;
            /** Held Fen */
            held_fen: number;
            /** Name */
            name: string;
            /** Years */
            years: components["schemas"]["AccountYearOut"][];
        };
        /**
         * PublicationIn
         * @description Whether the words are published; a refusal says why.
         */
        PublicationIn: {
            /**
             * Decision
             * @enum {string}
             */
            decision: "publish" | "refuse";
            /**
             * Reason
             * @default
             */
            reason: string;
        };
        /**
         * PublicationOut
         * @description Whether the words of an objection are published, and why not.
         */
        PublicationOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Number */
            number: string;
            /** Publication */
            publication: string;
            /** Publication Reason */
            publication_reason: string | null;
            /** Published Text */
            published_text: string | null;
        };
        /**
         * ReasonIn
         * @description Why.
         */
        ReasonIn: {
            /** Reason */
            reason: string;
        };
        /**
         * ReasonOut
         * @description One sentence of how a date was reckoned, and the article behind it.
         */
        ReasonOut: {
            /**
             * Article
             * @default null
             */
            article: string | null;
            /** Text */
            text: string;
        };
        /**
         * ReceivedPaperIn
         * @description The same, and when the centre got it.
         */
        ReceivedPaperIn: {
            /** File Sha256 */
            file_sha256: string;
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
        };
        /**
         * ReceivedSignaturesIn
         * @description The same, and when the centre got it.
         */
        ReceivedSignaturesIn: {
            /** File Sha256 */
            file_sha256: string;
            /**
             * Namesakes Checked
             * @default false
             */
            namesakes_checked: boolean;
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
            /** Signatures */
            signatures: components["schemas"]["SignedOnPaperIn"][];
        };
        /**
         * ReconciliationOut
         * @description 余额调节表: a bank account at the end of a day, by the bank and by the books.
         */
        ReconciliationOut: {
            /** Adjusted Bank Fen */
            adjusted_bank_fen: number;
            /** Adjusted Ledger Fen */
            adjusted_ledger_fen: number;
            /** Agrees */
            agrees: boolean;
            /** Bank Fen */
            bank_fen: number;
            /**
             * Bank Id
             * Format: uuid
             */
            bank_id: string;
            /**
             * Covered From
             * Format: date
             */
            covered_from: string;
            /**
             * Covered Until
             * Format: date
             */
            covered_until: string;
            /** Deposits Fen */
            deposits_fen: number;
            /** Difference Fen */
            difference_fen: number;
            /** Ledger Fen */
            ledger_fen: number;
            /**
             * On
             * Format: date
             */
            on: string;
            /** Only Bank */
            only_bank: components["schemas"]["OpenLineOut"][];
            /** Only Bank Paid Fen */
            only_bank_paid_fen: number;
            /** Only Bank Received Fen */
            only_bank_received_fen: number;
            /** Only Ledger */
            only_ledger: components["schemas"]["OpenThingOut"][];
            /** Only Ledger Paid Fen */
            only_ledger_paid_fen: number;
            /** Only Ledger Received Fen */
            only_ledger_received_fen: number;
        };
        /**
         * RecountOut
         * @description Whether a recount of what is on record comes to what was counted, of the same roll and the
         *     same ballots; `counted` and `again` say what they come to.
         */
        RecountOut: {
            /** Again */
            again: string[];
            /** Agrees */
            agrees: boolean;
            /** Counted */
            counted: string[];
            /** Same Ballots */
            same_ballots: boolean;
            /** Same Roll */
            same_roll: boolean;
        };
        /**
         * RectificationAnswerIn
         * @description Whether it was corrected; the answer is for the person to read.
         */
        RectificationAnswerIn: {
            /** Answer */
            answer: string;
            /** Done */
            done: boolean;
        };
        /**
         * RectificationRequestIn
         * @description Which section is wrong, and what would be right.
         */
        RectificationRequestIn: {
            /** Text */
            text: string;
            /** What */
            what: string;
        };
        /**
         * RectificationRequestOut
         * @description The request; the centre answers it.
         */
        RectificationRequestOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Message */
            message: string;
        };
        /**
         * RefundIn
         * @description What the insurer paid back, and why.
         */
        RefundIn: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "give_back" | "cancel" | "close_account";
            /** Reason */
            reason: string;
            /** Receipt Sha256 */
            receipt_sha256: string;
            /** Refund Fen */
            refund_fen: number;
        };
        /**
         * RefundOut
         * @description What the cashier entered as paid back and another officer has not confirmed.
         */
        RefundOut: {
            /** Amount Fen */
            amount_fen: number;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Proposed At */
            proposed_at: string;
            /** Reason */
            reason: string;
            /** Receipt Sha256 */
            receipt_sha256: string;
        };
        /**
         * RegistrationOut
         * @description 使用登记备案.
         */
        RegistrationOut: {
            /** Number */
            number: string;
            /**
             * Plan Id
             * Format: uuid
             */
            plan_id: string;
            /** Registered At */
            registered_at: string;
        };
        /**
         * RemindedOut
         * @description How many owners were reminded.
         */
        RemindedOut: {
            /** Owners */
            owners: number;
        };
        /**
         * RestOut
         * @description What is left on a special account that no case needs, and the last case of it (fen).
         */
        RestOut: {
            /** Estate */
            estate: string;
            /** Number */
            number: string;
            /**
             * Purchase Id
             * Format: uuid
             */
            purchase_id: string;
            /** Rest Fen */
            rest_fen: number;
        };
        /**
         * RevisionIn
         * @description A changed plan, and why.
         */
        RevisionIn: {
            /**
             * Cover Ends Before
             * Format: date
             */
            cover_ends_before: string;
            /**
             * Cover From
             * Format: date
             */
            cover_from: string;
            /** Deductible Fen */
            deductible_fen: number;
            /** Exclusions */
            exclusions: string;
            /** Lifts */
            lifts: components["schemas"]["LiftPremiumIn"][];
            /** Reason */
            reason: string;
            /** Scope Of Cover */
            scope_of_cover: string;
            /** Service Commitments */
            service_commitments: string;
            /** Sum Insured Fen */
            sum_insured_fen: number;
        };
        /**
         * Role
         * @description A part someone plays in a purchase.
         *
         *     `applicant` (申请人) is whoever acts for those who applied: it is held beside one of
         *     `APPLICANT_ROLES`, which is what stands on record. The next two come from the roster, `system`
         *     is the house itself, the rest are granted.
         * @enum {string}
         */
        Role: "applicant" | "owner" | "committee_member" | "system" | "property_manager" | "insurer" | "district" | "clerk" | "reviewer" | "cashier" | "supervisor" | "auditor" | "administrator";
        /**
         * RunningDeadlineOut
         * @description A time limit and what it is of, such as a `purchase` by its id.
         *
         *     `ends_before` is the first moment too late, unless the limit stands still: `pause_words` say
         *     since when and why, and `days_left` (as the limit is counted) run on afterwards.
         */
        RunningDeadlineOut: {
            /** Days Left */
            days_left: number | null;
            /** Ends Before */
            ends_before: string;
            /**
             * Ends On
             * Format: date
             */
            ends_on: string;
            /** Estate */
            estate: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Number */
            number: string;
            /** Pause Words */
            pause_words: string | null;
            /** Paused On */
            paused_on: string | null;
            /** Provisional */
            provisional: boolean;
            /**
             * Started On
             * Format: date
             */
            started_on: string;
            /** State */
            state: string;
            /**
             * Subject Id
             * Format: uuid
             */
            subject_id: string;
            /** Subject Kind */
            subject_kind: string;
            /** Task */
            task: string;
        };
        /**
         * ScreeningIn
         * @description The sheet of a screening, and what stands on it.
         */
        ScreeningIn: {
            /** Findings */
            findings: components["schemas"]["FindingIn"][];
            /** Sheet Sha256 */
            sheet_sha256: string;
        };
        /**
         * SeatAnswerIn
         * @description A member by the whole name, and what the minutes say of them.
         */
        SeatAnswerIn: {
            answer: components["schemas"]["Answer"];
            /** Name */
            name: string;
            /**
             * Reason
             * @default null
             */
            reason: string | null;
        };
        /**
         * SeatOut
         * @description A seat in a committee, for one term of office.
         */
        SeatOut: {
            /** Estate */
            estate: string;
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /**
             * Member Id
             * Format: uuid
             */
            member_id: string;
            /** Position */
            position: string;
        };
        /**
         * SecondFactorIn
         * @description The six digits that the authenticator shows now.
         */
        SecondFactorIn: {
            /** Digits */
            digits: string;
        };
        /**
         * SessionOut
         * @description The token goes into `Authorization: Bearer …`; it is shown this once.
         */
        SessionOut: {
            /** Expires At */
            expires_at: string;
            /**
             * Person Id
             * Format: uuid
             */
            person_id: string;
            /** Token */
            token: string;
        };
        /**
         * ShareOut
         * @description One account's share of a year, with its reckoning in sentences.
         */
        ShareOut: {
            /** Account Name */
            account_name: string;
            /** Account Number */
            account_number: string;
            /** Before Fen */
            before_fen: number;
            /** Explanation */
            explanation: string[];
            /** Fen */
            fen: number;
            /** Moved Fen */
            moved_fen: number;
            /** Receivable Fen */
            receivable_fen: number;
            /** Settled Fen */
            settled_fen: number;
        };
        /**
         * SharePaidIn
         * @description What the bank's receipt says of a flat's payment.
         */
        SharePaidIn: {
            /** Amount Fen */
            amount_fen: number;
            /**
             * Bank Id
             * Format: uuid
             */
            bank_id: string;
            /** Bank Reference */
            bank_reference: string;
            /** Receipt Sha256 */
            receipt_sha256: string;
            /**
             * Received On
             * Format: date
             */
            received_on: string;
        };
        /**
         * SignaturesOut
         * @description How many owners signed of those needed, when this person did, and whether they still may sign
         *     or take their signature back.
         */
        SignaturesOut: {
            /** Can Sign */
            can_sign: boolean;
            /** Can Withdraw */
            can_withdraw: boolean;
            /** Cosigners */
            cosigners: number;
            /** Needed */
            needed: number;
            /** Signed At */
            signed_at: string | null;
        };
        /**
         * SignedOnPaperIn
         * @description The flat and the whole name, as they stand on the paper.
         */
        SignedOnPaperIn: {
            /** Building */
            building: string;
            /** Name */
            name: string;
            /** Room */
            room: string;
            /** Unit */
            unit: string;
        };
        /**
         * SoleManagerIn
         * @description The owner who manages the estate alone, and on what that rests; null for nobody any more.
         */
        SoleManagerIn: {
            /** Manager */
            manager: string | null;
            /** Reason */
            reason: string;
        };
        /**
         * SourceAccountOut
         * @description An account that pays for the case, in proportion to `weight` where there are several.
         */
        SourceAccountOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Number */
            number: string;
            /** Weight */
            weight: number;
        };
        /**
         * StatedLineIn
         * @description One line as the bank says it; fen received are positive, fen paid negative.
         */
        StatedLineIn: {
            /** Amount Fen */
            amount_fen: number;
            /** Bank Reference */
            bank_reference: string;
            /**
             * Counterparty
             * @default
             */
            counterparty: string;
            /**
             * Counterparty Account
             * @default
             */
            counterparty_account: string;
            /**
             * Day
             * Format: date
             */
            day: string;
            /**
             * Purpose
             * @default
             */
            purpose: string;
        };
        /**
         * StatementCheckOut
         * @description What importing it would bring.
         */
        StatementCheckOut: {
            /** Faults */
            faults: components["schemas"]["StatementFaultOut"][];
            /** Lines */
            lines: number;
            /** Paid Fen */
            paid_fen: number;
            /** Received Fen */
            received_fen: number;
        };
        /**
         * StatementFaultOut
         * @description One thing that is wrong with a statement; rows count from one.
         */
        StatementFaultOut: {
            /** Code */
            code: string;
            /** Column */
            column: string | null;
            /** Message */
            message: string;
            /** Row */
            row: number | null;
        };
        /**
         * StatementIn
         * @description A dated statement.
         */
        StatementIn: {
            /** Statement */
            statement: string;
        };
        /**
         * StatementLinesOut
         * @description A statement with a page of its lines.
         */
        StatementLinesOut: {
            /** Lines */
            lines: components["schemas"]["LineOut"][];
            /** Next Cursor */
            next_cursor: string | null;
            statement: components["schemas"]["BankStatementOut"];
        };
        /**
         * SubjectAccessOut
         * @description Everything that is kept about this person, in words.
         */
        SubjectAccessOut: {
            /** Sections */
            sections: components["schemas"]["DataSectionOut"][];
        };
        /**
         * SubscriptionOut
         * @description A subscribe message that people may ask for: its template and what it is good for.
         */
        SubscriptionOut: {
            /** Key */
            key: string;
            /** Template Id */
            template_id: string;
            /** Title */
            title: string;
            /** Why */
            why: string;
        };
        /**
         * SubscriptionsOut
         * @description Messages and what is followed, the latest first.
         */
        SubscriptionsOut: {
            /** Follows */
            follows: components["schemas"]["FollowedOut"][];
            /** Templates */
            templates: components["schemas"]["TemplateOut"][];
        };
        /**
         * SuccessionIn
         * @description The company that took over the present one, and the notice of it.
         */
        SuccessionIn: {
            /** File Sha256 */
            file_sha256: string;
            /** Name */
            name: string;
            /** Reason */
            reason: string;
        };
        /**
         * SuccessionOut
         * @description Which company is to take over which; `decided_at` is null while it waits for another officer
         *     than `entered_by`, who confirms it or turns it down.
         */
        SuccessionOut: {
            /** Company */
            company: string;
            /** Confirmed */
            confirmed: boolean | null;
            /** Decided At */
            decided_at: string | null;
            /** Entered At */
            entered_at: string;
            /**
             * Entered By
             * Format: uuid
             */
            entered_by: string;
            /** Estate */
            estate: string;
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /** File Sha256 */
            file_sha256: string;
            /** Former */
            former: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Reason */
            reason: string;
            /** Turned Down Because */
            turned_down_because: string | null;
        };
        /**
         * SummaryOut
         * @description Several pools together.
         */
        SummaryOut: {
            /** Available Fen */
            available_fen: number;
            /** Carried */
            carried: number;
            /** Closes In */
            closes_in: number | null;
            /** Lifts */
            lifts: number;
            /** Name */
            name: string;
            /** Now */
            now: number;
            /** Premium Fen */
            premium_fen: number;
            /** Shortfall Fen */
            shortfall_fen: number;
        };
        /**
         * SurveyIn
         * @description What the insurer found at one lift.
         */
        SurveyIn: {
            /** Findings */
            findings: string;
            /**
             * Lift Id
             * Format: uuid
             */
            lift_id: string;
            result: components["schemas"]["SurveyResult"];
        };
        /**
         * SurveyOut
         * @description The survey as it was recorded.
         */
        SurveyOut: {
            /** Findings */
            findings: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Lift Id
             * Format: uuid
             */
            lift_id: string;
            /** Result */
            result: string;
            /** Surveyed At */
            surveyed_at: string;
        };
        /**
         * SurveyResult
         * @description What the insurer found at a lift (查勘).
         * @enum {string}
         */
        SurveyResult: "passed" | "failed";
        /**
         * TakedownOut
         * @description What was taken down and why, and since when everybody sees it again.
         */
        TakedownOut: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Reason */
            reason: string;
            /** Restored At */
            restored_at: string | null;
            /** Taken Down At */
            taken_down_at: string;
        };
        /**
         * TallyOut
         * @description How the committee's answers stand; `decided` once more than half of those in office agree.
         */
        TallyOut: {
            /** Approvals */
            approvals: number;
            /** Decided */
            decided: string | null;
            /** In Office */
            in_office: number;
            /** Refusals */
            refusals: number;
        };
        /**
         * TallySoFarOut
         * @description How the answers stand; `needed` answers of one kind decide.
         */
        TallySoFarOut: {
            /** Approve */
            approve: number;
            /** Members */
            members: number;
            /** Needed */
            needed: number;
            /** Refuse */
            refuse: number;
        };
        /**
         * TemplateOut
         * @description A message one may consent to; `quota` is how many were consented to and not yet sent.
         */
        TemplateOut: {
            /** Key */
            key: string;
            /** Quota */
            quota: number;
            /** Template Id */
            template_id: string;
            /** Title */
            title: string;
            /** Why */
            why: string;
        };
        /**
         * ThingKind
         * @description What a line of the bank may stand for.
         * @enum {string}
         */
        ThingKind: "payment" | "payment_returned" | "refund" | "interest" | "transfer" | "deposit_placed" | "deposit_matured" | "other";
        /**
         * ThingOut
         * @description What the books have of the bank account.
         */
        ThingOut: {
            /** Amount Fen */
            amount_fen: number;
            /** Bank Reference */
            bank_reference: string;
            /**
             * Day
             * Format: date
             */
            day: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            kind: components["schemas"]["ThingKind"];
            /** Number */
            number: string;
        };
        /**
         * TodoOut
         * @description An open case, its buildings (`area`) and what comes next, by whom (`who`) and before when
         *     (`due`); `mine` when that is for this person.
         *
         *     `missing` are the photos that the notice still lacks, in words; `why` tells whoever must act for
         *     what reason the case came back to them.
         */
        TodoOut: {
            /** Actions */
            actions: string[];
            /** Advice */
            advice: string;
            /** Area */
            area: string;
            /** Due */
            due: string | null;
            /** Due Words */
            due_words: string;
            /** Estate */
            estate: string;
            /** Left Words */
            left_words: string;
            /** Mine */
            mine: boolean;
            /** Missing */
            missing: string[];
            /** Notice Id */
            notice_id: string | null;
            /** Notice Number */
            notice_number: string | null;
            /** Number */
            number: string;
            /** Overdue */
            overdue: boolean;
            /**
             * Purchase Id
             * Format: uuid
             */
            purchase_id: string;
            /** State */
            state: string;
            /** State Name */
            state_name: string;
            /** Task */
            task: string;
            /** Who */
            who: string;
            /** Why */
            why: string;
        };
        /**
         * TodosOut
         * @description The most urgent first.
         */
        TodosOut: {
            /** Bank Transfers */
            bank_transfers: components["schemas"]["TransferOut"][];
            /** Deposit Interest */
            deposit_interest: components["schemas"]["InterestOut"][];
            /** Estates */
            estates: components["schemas"]["ManagedEstateOut"][];
            /** Interest Undos */
            interest_undos: components["schemas"]["InterestUndoOut"][];
            /** Items */
            items: components["schemas"]["TodoOut"][];
            /** Letters Due */
            letters_due: components["schemas"]["LetterDueOut"][];
            /** Opening Corrections */
            opening_corrections: components["schemas"]["OpeningCorrectionOut"][];
            /** Paper Entries */
            paper_entries: components["schemas"]["PaperEntryOut"][];
            past_income: components["schemas"]["PastIncomeOut"] | null;
            /** Payee Changes */
            payee_changes: components["schemas"]["PayeeChangeOut"][];
            period_lock: components["schemas"]["PeriodLockOut"] | null;
            /** Rests */
            rests: components["schemas"]["RestOut"][];
            /** Successions */
            successions: components["schemas"]["SuccessionOut"][];
            /** Unattended */
            unattended: components["schemas"]["UnattendedOut"][];
            /** Unpaid Deposits */
            unpaid_deposits: number;
            /** Year Closes */
            year_closes: components["schemas"]["CloseOut"][];
        };
        /**
         * TokenIn
         * @description Why; it is kept in the audit chain.
         */
        TokenIn: {
            /** Reason */
            reason: string;
        };
        /**
         * TokenOut
         * @description The fresh token, and the address to print; `reprint` are the numbers of notices that hang
         *     with a code which leads nowhere now.
         */
        TokenOut: {
            /** Address */
            address: string;
            /** Reprint */
            reprint: string[];
            /** Token */
            token: string;
        };
        /**
         * TransferIn
         * @description What the bank's receipt says.
         */
        TransferIn: {
            /** Amount Fen */
            amount_fen: number;
            /** Bank Reference */
            bank_reference: string;
            /** File Sha256 */
            file_sha256: string;
            /**
             * From Bank Id
             * Format: uuid
             */
            from_bank_id: string;
            /**
             * Moved On
             * Format: date
             */
            moved_on: string;
            /** Note */
            note: string;
            /**
             * To Bank Id
             * Format: uuid
             */
            to_bank_id: string;
        };
        /**
         * TransferOut
         * @description Money moved between the fund's own bank accounts, by the bank's receipt.
         */
        TransferOut: {
            /** Amount Fen */
            amount_fen: number;
            /** Bank Reference */
            bank_reference: string;
            /** Booked On */
            booked_on: string | null;
            /** Confirmed */
            confirmed: boolean | null;
            /** Decided At */
            decided_at: string | null;
            /**
             * Entered At
             * Format: date-time
             */
            entered_at: string;
            /** File Sha256 */
            file_sha256: string;
            /** From Bank */
            from_bank: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Moved On
             * Format: date
             */
            moved_on: string;
            /** Note */
            note: string;
            /** To Bank */
            to_bank: string;
            /** Turned Down Because */
            turned_down_because: string | null;
        };
        /**
         * TransitionOut
         * @description One step that was taken; `reason` is shown to those who take part.
         */
        TransitionOut: {
            /** Action */
            action: string;
            /** Amount Fen */
            amount_fen: number | null;
            /** At */
            at: string;
            /** From */
            from: string | null;
            /** Reason */
            reason: string | null;
            /** Role */
            role: string;
            /** Seq */
            seq: number;
            /** To */
            to: string;
        };
        /**
         * TrialBalanceOut
         * @description Debits less credits: zero in a sound ledger.
         */
        TrialBalanceOut: {
            /** Kinds */
            kinds: components["schemas"]["KindBalanceOut"][];
            /** Total Fen */
            total_fen: number;
        };
        /**
         * UnattendedOut
         * @description A role in which nobody can act, how many cases wait for it, where, and until when.
         */
        UnattendedOut: {
            /** Cases */
            cases: number;
            /** Due */
            due: string | null;
            /** Due Words */
            due_words: string;
            /** Places */
            places: string[];
            /** Role */
            role: string;
            /** Role Name */
            role_name: string;
        };
        /**
         * UndoIn
         * @description Why the interest was confirmed by mistake, and the paper that shows it.
         */
        UndoIn: {
            /** File Sha256 */
            file_sha256: string;
            /** Reason */
            reason: string;
        };
        /**
         * UnitAccountIn
         * @description The account of one unit.
         */
        UnitAccountIn: {
            /** Name */
            name: string;
            /** Number */
            number: string;
            /**
             * Unit Id
             * Format: uuid
             */
            unit_id: string;
        };
        /**
         * UnmaskedObjectionOut
         * @description The words, the name behind them, and the signature's picture; the look is recorded.
         */
        UnmaskedObjectionOut: {
            /** Objector */
            objector: string | null;
            /** Signature Sha256 */
            signature_sha256: string | null;
            /** Text */
            text: string;
        };
        /**
         * UnmaskedVerificationOut
         * @description The full name given, and the phone that the roster has for it.
         */
        UnmaskedVerificationOut: {
            /** Name */
            name: string;
            /** Roster Phone */
            roster_phone: string | null;
        };
        /**
         * UpcomingOut
         * @description A cover whose policy is issued and whose first day has not come; not `paid`: the bank sent
         *     the premium back, and it is paid once more.
         */
        UpcomingOut: {
            /** Insurer */
            insurer: string;
            /**
             * Last Day
             * Format: date
             */
            last_day: string;
            /** Paid */
            paid: boolean;
            /**
             * Starts On
             * Format: date
             */
            starts_on: string;
        };
        /**
         * UpkeepIn
         * @description The dated statement that the estate is managed and upkept, and the paper of those who keep
         *     the lifts that it rests on.
         */
        UpkeepIn: {
            /** Upkeep Record Sha256 */
            upkeep_record_sha256: string;
            /** Upkeep Statement */
            upkeep_statement: string;
        };
        /**
         * UploadForm
         * @description A multipart form with one file.
         */
        UploadForm: {
            /**
             * File
             * Format: binary
             */
            file: string;
        };
        /**
         * UploadOut
         * @description What was stored: a picture upright, not too large, and without what the camera wrote.
         *
         *     `taken_at` by the camera's clock, and whether it wrote where (which is not kept); null and false
         *     if it did not.
         */
        UploadOut: {
            /** Has Place */
            has_place: boolean;
            /** Height */
            height: number | null;
            /** Media Type */
            media_type: string;
            /** Sha256 */
            sha256: string;
            /** Size Bytes */
            size_bytes: number;
            /** Taken At */
            taken_at: string | null;
            /** Width */
            width: number | null;
        };
        /**
         * VerificationDecisionIn
         * @description Whether the person is who they say, and on what that rests.
         */
        VerificationDecisionIn: {
            /** Reason */
            reason: string;
            /** Verified */
            verified: boolean;
        };
        /**
         * VerificationIn
         * @description The affected owner that the author is, or an answer to somebody who is none.
         */
        VerificationIn: {
            /**
             * Answer
             * @default null
             */
            answer: string | null;
            /**
             * Checked
             * @default false
             */
            checked: boolean;
            /**
             * Owner Id
             * @default null
             */
            owner_id: string | null;
        };
        /**
         * VerificationOut
         * @description `entries` good links; `first_bad_seq` is where the chain breaks, null when it does not.
         */
        VerificationOut: {
            /** Entries */
            entries: number;
            /** First Bad Seq */
            first_bad_seq: number | null;
            /** Head */
            head: string;
            /** Ok */
            ok: boolean;
        };
        /**
         * VoteOfCaseOut
         * @description The latest vote on the current plan; null where there is none.
         */
        VoteOfCaseOut: {
            vote: components["schemas"]["VoteOut"] | null;
        };
        /**
         * VoteOut
         * @description A vote as those see it who organise it: who took part, never what for, until it is counted.
         *     Areas in 0.01 m²; `needed_…` is the least that must take part.
         */
        VoteOut: {
            /** All Area Dm2 */
            all_area_dm2: number;
            /** All Heads */
            all_heads: number;
            /** Closes At */
            closes_at: string;
            /** Flats */
            flats: components["schemas"]["FlatOnRollOut"][];
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Needed Area Dm2 */
            needed_area_dm2: number;
            /** Needed Heads */
            needed_heads: number;
            /** Opened At */
            opened_at: string;
            /** Outcome */
            outcome: string | null;
            /** Papers Waiting */
            papers_waiting: number;
            /**
             * Purchase Id
             * Format: uuid
             */
            purchase_id: string;
            /** Sentences */
            sentences: string[];
            /** Voted Area Dm2 */
            voted_area_dm2: number;
            /** Voted Heads */
            voted_heads: number;
            /** Words */
            words: string;
        };
        /**
         * WayOut
         * @description One way to apply that is open to this person, and the accounts that they may name; where none
         *     is named, the lifts that they may insure so.
         */
        WayOut: {
            /** Accounts */
            accounts: components["schemas"]["AccountOut"][];
            /** Applicant */
            applicant: string;
            /** Lift Ids */
            lift_ids: string[];
            /** Name */
            name: string;
            /** Route */
            route: string;
            /** Words */
            words: string;
        };
        /**
         * WaysOut
         * @description The ways open to this person; `hint` says who may apply when there is none.
         *
         *     `lift_id` and `place` are those of the code that was scanned.
         */
        WaysOut: {
            /** Estate */
            estate: string;
            /**
             * Estate Id
             * Format: uuid
             */
            estate_id: string;
            /** Hint */
            hint: string;
            /** Lift Id */
            lift_id: string | null;
            place: components["schemas"]["PlaceOut"] | null;
            /** Ways */
            ways: components["schemas"]["WayOut"][];
        };
        /**
         * YearIn
         * @description The calendar year to close.
         */
        YearIn: {
            /** Year */
            year: number;
        };
        /**
         * YearReachedOut
         * @description How many lifts can be insured by a year.
         */
        YearReachedOut: {
            /** Lifts */
            lifts: number;
            /** Year */
            year: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
